//! `leadhook health`: a container's health check, without a shell or another program.

use super::{Ended, report, settings};
use clap::Args;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
pub(super) struct Health {
    /// Ask whether it can take requests, not only whether it is alive
    #[arg(long)]
    ready: bool,
    /// Address of the service [default: the one that the settings say]
    #[arg(long)]
    address: Option<SocketAddr>,
}

impl Health {
    pub(super) fn run(self, config: Option<PathBuf>) -> Ended {
        let address = match self.address {
            Some(address) => address,
            None => {
                let settings = settings(config);
                let Some(config) = settings.config else {
                    report(&settings.diagnostics);
                    return Ended::Machine;
                };
                reachable(config.listen)
            }
        };
        let path = if self.ready { "/readyz" } else { "/healthz" };
        match ask(address, path) {
            Ok((true, answer)) => {
                out!("{answer}");
                Ended::Done
            }
            Ok((false, answer)) => {
                say!("{answer}");
                Ended::Input
            }
            Err(error) => {
                say!("http://{address}{path}: {error}");
                Ended::Machine
            }
        }
    }
}

/// A service that listens everywhere is asked on this machine.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn ask(address: SocketAddr, path: &str) -> std::io::Result<(bool, String)> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(16 * 1024).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let healthy = head.split(' ').nth(1) == Some("200");
    Ok((healthy, body.to_owned()))
}
