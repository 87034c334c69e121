//! Somebody who takes one request in the place of the service.

use super::PATIENCE;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;

/// Listens on a port of its own until the first request has come.
pub struct Receiver {
    address: SocketAddr,
    received: mpsc::Receiver<Received>,
}

/// A request; names of fields are lower case.
#[derive(Debug)]
pub struct Received {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Receiver {
    /// Answers with `status` and nothing more.
    pub fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it has an address");
        let (sender, received) = mpsc::channel();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("somebody calls");
            // A test that has failed asks for nothing any more.
            let _ = sender.send(take(stream, status));
        });
        Self { address, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    #[track_caller]
    pub fn request(self) -> Received {
        self.received.recv_timeout(PATIENCE).expect("a whole request came")
    }
}

fn take(stream: TcpStream, status: u16) -> Received {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the head is text");
        line.trim_end().to_owned()
    };
    let first = line();
    let fields = std::iter::from_fn(|| Some(line()).filter(|line| !line.is_empty()));
    let headers: Vec<_> = fields
        .map(|field| {
            let (name, value) = field.split_once(':').expect("it is a field");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.expect("the length is known").1.parse().expect("it is a number");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body is as long as was said");
    let answer = format!("HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    reader.get_mut().write_all(answer.as_bytes()).expect("the sender waits for it");
    let mut first = first.split(' ').map(str::to_owned);
    let (method, target) = (first.next(), first.next());
    Received {
        method: method.expect("it has a method"),
        target: target.expect("it has a target"),
        headers,
        body: String::from_utf8(body).expect("the body is text"),
    }
}
