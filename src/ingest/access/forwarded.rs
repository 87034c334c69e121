//! Who sent a request that came through proxies.

use crate::model::Network;
use std::net::{IpAddr, SocketAddr};

/// The address nearest to the sender that somebody trustworthy names.
///
/// Each proxy writes at the right end of `X-Forwarded-For` whom it got the request from. So the
/// chain is read from the right, for as long as those who wrote it are `trusted`; what stands
/// further left anybody may have written. `fields` are the values of all fields of that name, in
/// order.
pub(super) fn client(connected: IpAddr, fields: &[&str], trusted: &[Network]) -> IpAddr {
    let mut client = connected.to_canonical();
    for written in fields.iter().rev().flat_map(|field| field.rsplit(',')) {
        if !trusted.iter().any(|network| network.contains(client)) {
            break;
        }
        let Some(address) = address(written.trim()) else { break };
        client = address.to_canonical();
    }
    client
}

/// An address, as proxies write it: also with a port, and in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    #[track_caller]
    fn check(connected: &str, fields: &[&str], expected: &str) {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().expect("a network"));
        let connected = connected.parse().expect("an address");
        let found = client(connected, fields, &trusted);
        assert_eq!(found.to_string(), expected, "{fields:?}");
    }

    #[test]
    fn a_stranger_is_not_believed() {
        check("203.0.113.7", &[], "203.0.113.7");
        check("203.0.113.7", &["198.51.100.1"], "203.0.113.7");
        check("203.0.113.7", &["198.51.100.1, 10.0.0.2"], "203.0.113.7");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        check(PROXY, &["198.51.100.1"], "198.51.100.1");
        check(PROXY, &["1.1.1.1, 198.51.100.1"], "198.51.100.1");
        check(PROXY, &["1.1.1.1,198.51.100.1 ,\t10.0.0.2"], "198.51.100.1");
        // Several fields are one list.
        check(PROXY, &["1.1.1.1", "198.51.100.1, 10.0.0.2", "10.0.0.3"], "198.51.100.1");
        check(PROXY, &["10.0.0.9, 198.51.100.1", "10.0.0.3"], "198.51.100.1");
        check("fd00::1", &["2001:db8::1, fd00::2"], "2001:db8::1");
        // A dual-stack listener sees IPv4 so.
        check("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1");
    }

    #[test]
    fn where_only_proxies_are_named_the_first_of_them_called() {
        check(PROXY, &[], PROXY);
        check(PROXY, &["10.0.0.2"], "10.0.0.2");
        check(PROXY, &["10.0.0.3", "10.0.0.2"], "10.0.0.3");
    }

    #[test]
    fn ports_and_brackets_are_read() {
        check(PROXY, &["198.51.100.1:4711"], "198.51.100.1");
        check(PROXY, &["[2001:db8::1]:4711"], "2001:db8::1");
        check(PROXY, &["[2001:db8::1]"], "2001:db8::1");
        check(PROXY, &["198.51.100.1:4711, [fd00::1]:443"], "198.51.100.1");
    }

    #[test]
    fn rubbish_ends_the_chain_at_the_last_good_address() {
        let rubbish = [
            "",
            " ",
            "unknown",
            "_hidden",
            "198.51.100",
            "198.51.100.1:",
            "198.51.100.1:x",
            "[198.51.100.1]",
            "[2001:db8::1",
            "2001:db8::1]",
            "fe80::1%eth0",
            "\"198.51.100.1\"",
            "for=198.51.100.1",
            "198.51.100.1 198.51.100.2",
            "10.0.0.0/8",
        ];
        for rubbish in rubbish {
            check(PROXY, &[rubbish], PROXY);
            check(PROXY, &[&format!("198.51.100.1, {rubbish}, 10.0.0.2")], "10.0.0.2");
            check(PROXY, &["198.51.100.1", rubbish, "10.0.0.2"], "10.0.0.2");
        }
    }
}
