//! The first command of a newcomer.

use crate::support::{Builder, destination, output};

#[test]
fn the_demo_shows_what_became_of_each_sample() {
    let builder = Builder::new(&destination());
    let (code, stdout, stderr) =
        output(builder.command(&["demo", "--once", "--listen", "127.0.0.1:0"]));
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    for part in [
        "webhook",
        "verified",
        "Clerk",
        "Auth0",
        "Typeform",
        "tracked (",
        "nobody referred them",
        "401 signature_mismatch",
        "known already",
        "curl -w '\\n' http://127.0.0.1:",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    let table = stdout.lines().take_while(|line| !line.starts_with("Send your own"));
    for line in table {
        assert!(line.chars().count() <= 80 && line.trim_end() == line, "wraps: {line:?}");
    }
}
