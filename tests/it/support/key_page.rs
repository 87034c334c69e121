//! The page on which a provider publishes its keys.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};

/// The public halves of the keys in `tests/keys`.
pub const KEY_SET: &str = include_str!("../../keys/jwks.json");

/// Answers everybody with `status` and the key set, for as long as the tests run; gives its URL.
pub fn key_page(status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address: SocketAddr = listener.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length:");
            // Whoever hangs up misses it.
            let _ = write!(stream, "{head} {}\r\n\r\n{KEY_SET}", KEY_SET.len());
        }
    });
    format!("http://{address}/jwks")
}
