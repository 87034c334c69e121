//! Addresses that belong together, as configuration names them.

use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// All addresses that begin with the same bits, as in `203.0.113.0/24`; or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// An IPv4 address belongs where it does, also when it is written as an IPv6 one.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// The addresses that one sender has at hand: an IPv4 address is one, of IPv6 everybody gets at
/// least a /64.
pub fn same_sender(address: IpAddr) -> IpAddr {
    const OF_SENDER: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & OF_SENDER).into(),
        address => address,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(network) = self;
        if network.prefix_len() == network.max_prefix_len() {
            write!(f, "{}", network.addr())
        } else {
            write!(f, "{network}")
        }
    }
}

/// Why a text names no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("that is no address, and no network of addresses")]
    Malformed,
    #[error("the address has bits that its /{prefix} cuts off")]
    Bits {
        /// The network that the address is in.
        network: Network,
        address: IpAddr,
        prefix: u8,
    },
}

impl NetworkError {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match self {
            Self::Malformed => "as in 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32".to_owned(),
            Self::Bits { network, address, .. } => {
                format!("write {network}, or {address} for this address alone")
            }
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.to_canonical().into()));
        }
        let written: IpNet = text.parse().map_err(|_| NetworkError::Malformed)?;
        let network = Self(canonical(written.trunc()));
        if written.addr() == written.network() {
            return Ok(network);
        }
        let (address, prefix) = (written.addr(), written.prefix_len());
        Err(NetworkError::Bits { network, address, prefix })
    }
}

/// IPv4 addresses written as IPv6 ones, as in `::ffff:203.0.113.0/120`, are the former.
fn canonical(network: IpNet) -> IpNet {
    let v4 = match network.addr().to_canonical() {
        IpAddr::V4(address) => network
            .prefix_len()
            .checked_sub(network.max_prefix_len() - 32)
            .and_then(|prefix| IpNet::new(address.into(), prefix).ok()),
        IpAddr::V6(_) => None,
    };
    v4.unwrap_or(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[track_caller]
    fn check(text: &str, shown: &str, inside: &[&str], outside: &[&str]) {
        let network: Network = text.parse().expect("a network");
        assert_eq!(network.to_string(), shown);
        for inside in inside {
            assert!(network.contains(address(inside)), "{inside} is in {text}");
        }
        for outside in outside {
            assert!(!network.contains(address(outside)), "{outside} is not in {text}");
        }
    }

    #[test]
    fn a_network_contains_what_begins_with_its_bits() {
        let all = ["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.7"];
        check("203.0.113.0/24", "203.0.113.0/24", &all, &["203.0.112.255", "2001:db8::"]);
        check("203.0.113.7", "203.0.113.7", &["203.0.113.7"], &["203.0.113.6"]);
        check("203.0.113.7/32", "203.0.113.7", &["203.0.113.7"], &["203.0.113.6"]);
        check("0.0.0.0/0", "0.0.0.0/0", &["203.0.113.7"], &["2001:db8::1"]);
        check("::/0", "::/0", &["2001:db8::1"], &["203.0.113.7", "::ffff:203.0.113.7"]);
        check("2001:DB8::/32", "2001:db8::/32", &["2001:db8:ffff::1"], &["2001:db9::"]);
        check("::ffff:203.0.113.0/120", "203.0.113.0/24", &all, &["203.0.112.255"]);
        check("::ffff:203.0.113.7", "203.0.113.7", &["203.0.113.7"], &["203.0.113.6"]);
    }

    #[test]
    fn what_is_no_network_says_what_to_write() {
        let hint = |text: &str| text.parse::<Network>().expect_err("no network").hint();
        let example = "as in 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32";
        for text in ["", "x", "10/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "[::1]", "::/129"]
        {
            assert_eq!(hint(text), example, "{text}");
        }
        let bits = "write 203.0.113.0/24, or 203.0.113.7 for this address alone";
        assert_eq!(hint("203.0.113.7/24"), bits);
    }

    #[test]
    fn a_sender_of_ipv6_has_many_addresses() {
        let sender = |text| same_sender(address(text));
        assert_eq!(sender("2001:db8:0:1:2::3"), address("2001:db8:0:1::"));
        assert_ne!(sender("2001:db8:0:2::"), sender("2001:db8:0:1::"));
        assert_eq!(sender("203.0.113.7"), address("203.0.113.7"));
        assert_eq!(sender("::ffff:203.0.113.7"), address("203.0.113.7"));
    }
}
