//! A full disk: nothing is acknowledged that is not stored, and it goes on by itself when there is
//! room again.

use crate::support::{Builder, Service, clerk, destination, user_created};
use std::process::Command;

/// Files may not grow beyond this; SQLite then sees what a full disk shows it. The limit is soft,
/// so that it can be lifted, and its signal is ignored, so that writes fail and nothing dies.
const LIMITED: &str = "trap '' XFSZ; ulimit -S -f 800; exec \"$@\"";

fn sign_up(service: &Service, number: usize) -> u16 {
    let id = format!("user_{number}");
    let mut body = user_created(&id, Some("click"));
    body.resize(20_000, b' ');
    service.http().post("/webhooks/clerk", &clerk(&id, &body), &body).status
}

#[test]
fn a_full_disk_answers_503_and_recovers_by_itself() {
    let destination = destination();
    let service = Builder::new(&destination).through(&["bash", "-c", LIMITED, "limited"]).start();
    let mut acknowledged = 0;
    let refused = loop {
        match sign_up(&service, acknowledged) {
            200 => acknowledged += 1,
            status => break status,
        }
        assert!(acknowledged < 1_000, "the disk never fills");
    };
    assert_eq!(refused, 503);
    let body = user_created("user_x", None);
    let padded = [body, vec![b' '; 20_000]].concat();
    let answer = service.http().post("/webhooks/clerk", &clerk("msg_x", &padded), &padded);
    assert_eq!((answer.status, answer.code().as_str()), (503, "store_unavailable"));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(service.http().get("/healthz").status, 200);

    // Room again: the same request goes through, without a restart.
    let lifted = Command::new("prlimit")
        .args(["--pid", &service.pid().to_string(), "--fsize=unlimited"])
        .status();
    assert!(lifted.is_ok_and(|status| status.success()));
    assert_eq!(sign_up(&service, acknowledged), 200);
    acknowledged += 1;
    assert_eq!(service.http().get("/readyz").status, 200);
    destination.expect_leads(acknowledged);
    let (status, builder, _) = service.stop();
    assert!(status.success());
    let database = builder.database();
    assert_eq!(database.integrity(), "ok");
    assert_eq!(database.count("SELECT count(*) FROM events"), acknowledged as u64);
}
