//! Letters beyond ASCII, and others of the same script.

/// Letters with which names are written, by the first and last of the block that they stand for.
const BLOCKS: [(char, char, &str); 12] = [
    ('\u{80}', '\u{24f}', "äöüéèñçøåßžšłőýí"),
    ('\u{370}', '\u{3ff}', "αβγδεζηθικλμνξοπρστυφχψω"),
    ('\u{400}', '\u{52f}', "абвгдежзиклмнопрстуфхцчшэюя"),
    ('\u{5d0}', '\u{5ea}', "אבגדהוזחטילמנסעפצקרשת"),
    ('\u{620}', '\u{64a}', "ابتثجحخدذرزسشصضطعغفقكلمنهوي"),
    ('\u{904}', '\u{939}', "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह"),
    ('\u{e01}', '\u{e2e}', "กขคงจชซญดตถทนบปผพฟมยรลวสหอ"),
    ('\u{1e00}', '\u{1eff}', "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữự"),
    (
        '\u{3041}',
        '\u{3096}',
        "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめも",
    ),
    (
        '\u{30a1}',
        '\u{30fa}',
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ",
    ),
    (
        '\u{4e00}',
        '\u{9fff}',
        "山川田林森木石水火土天地日月星雨雪風花草竹春夏秋冬東西南北中大小高長白青",
    ),
    (
        '\u{ac00}',
        '\u{d7a3}',
        "가나다라마바사아자차카타파하김이박최정강조윤장임한오서신권황안송류홍",
    ),
];
/// Scripts of no block above stand together in about so many characters.
const NEIGHBOURS: u32 = 0x40;

/// A letter of the script of `c`, which is no ASCII. A mark stays: it belongs to the letter before.
pub(super) fn of_the_same_script(c: char, random: &mut fastrand::Rng) -> char {
    if !c.is_alphanumeric() {
        return c;
    }
    let block = BLOCKS.iter().find(|(first, last, _)| (*first..=*last).contains(&c));
    let letters: Vec<char> = match block {
        Some((.., letters)) => letters.chars().collect(),
        None => {
            let first = u32::from(c) / NEIGHBOURS * NEIGHBOURS;
            let around = (first..first + NEIGHBOURS).filter_map(char::from_u32);
            around.filter(|it| it.is_alphanumeric()).collect()
        }
    };
    random.choice(letters).unwrap_or(c)
}
