//! The literals that rules compare values with.

use super::{good, with_field};

#[test]
fn they_are_found_wherever_values_are_compared() {
    let line = "customerName = { first = [\"$.a[?@.ref == 'name'].text\", { from = \"$.b\", \
                ignore = [\"n/a\", 4000], map = { p1 = \"sent only\" }, then = [\"trim\"] }, \
                \"$.c[?search(@.title, '(?i)your name')].d\", { value = \"sent too\" }], \
                lookup = { in = \"$.l[?@.kind == 'k']\", key = \"id\", take = \"label\" } }";
    let raw = with_field(line).replace(
        "[lead.body]",
        "on = [\"t.created\"]\nwhen = \"@.purpose != 'test'\"\n[lead.body]",
    );
    let raw = format!(
        "{raw}[[click]]\non = [\"t.seen\"]\ncustomerExternalId = \"$.id\"\nclickId = \"$.x['a b']\"\n"
    );
    let named = good(&raw).mapping.named();
    let values = ["4000", "k", "n/a", "name", "p1", "t.created", "t.seen", "test"];
    assert_eq!(named.values.iter().map(String::as_str).collect::<Vec<_>>(), values);
    assert_eq!(named.phrases.iter().map(String::as_str).collect::<Vec<_>>(), ["your name"]);
    for key in ["a", "ref", "text", "purpose", "id", "label", "x", "a b"] {
        assert!(named.keys.contains(key), "{key}");
    }
}
