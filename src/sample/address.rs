//! Addresses of the web and of machines.

use super::Masker;
use std::net::Ipv4Addr;

/// Kinds of files stay: they are no part of anybody's name.
const FILE_KINDS: &[&str] = &["gif", "html", "jpeg", "jpg", "json", "pdf", "png", "svg", "webp"];

impl Masker<'_> {
    /// A host of as many labels, below a name that is kept free for examples.
    pub(super) fn domain(&mut self, domain: &str) -> String {
        const NAMES: [&str; 3] = ["example.com", "example.net", "example.org"];
        let labels: Vec<_> = domain.split('.').collect();
        let [below @ .., name, top] = labels.as_slice() else { return self.words.replace(domain) };
        let is_real = top.len() > 1 && !top.bytes().any(|byte| byte.is_ascii_digit());
        if !is_real {
            return self.words.replace(domain);
        }
        let key = format!("{name}.{top}").to_lowercase();
        let place = place_in(&mut self.domains, &key);
        let own = NAMES.get(place).filter(|_| key.is_ascii());
        let own = own.map_or_else(
            || format!("{}.example", self.words.replace(name)),
            |name| (*name).to_owned(),
        );
        let mut labels: Vec<_> = below.iter().map(|label| self.words.replace(label)).collect();
        labels.push(own);
        labels.join(".")
    }

    pub(super) fn url(&mut self, url: &str, depth: usize) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, host) =
            authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
            _ => (host, ""),
        };
        let mut masked = format!("{scheme}://");
        if !user.is_empty() {
            masked.push_str(&self.words.replace(user));
            masked.push('@');
        }
        masked.push_str(&if host.parse::<Ipv4Addr>().is_ok() {
            self.ipv4(host)
        } else {
            self.domain(host)
        });
        if !port.is_empty() {
            masked.push(':');
            masked.push_str(port);
        }
        let mut end = 0;
        for (at, delimiter) in path.match_indices(['/', '?', '#', '&', '=', ';']) {
            masked.push_str(&self.component(&path[end..at], depth));
            masked.push_str(delimiter);
            end = at + delimiter.len();
        }
        Some(masked + &self.component(&path[end..], depth))
    }

    /// A part of an address, which may be escaped.
    fn component(&mut self, component: &str, depth: usize) -> String {
        let (stem, kind) = match component.rsplit_once('.') {
            Some((stem, kind)) if FILE_KINDS.contains(&kind.to_ascii_lowercase().as_str()) => {
                (stem, &component[stem.len()..])
            }
            _ => (component, ""),
        };
        let masked = match unescaped(stem) {
            Some(plain) => escaped(&self.nested(&plain, depth + 1)),
            None => self.nested(stem, depth + 1),
        };
        masked + kind
    }

    /// An address from the nets that are kept free for documentation.
    pub(super) fn ipv4(&mut self, address: &str) -> String {
        const NETS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
        let place = place_in(&mut self.machines, address);
        format!("{}.{}", NETS[place / 254 % NETS.len()], place % 254 + 1)
    }

    pub(super) fn ipv6(&mut self, address: &str) -> String {
        format!("2001:db8::{:x}", place_in(&mut self.machines, address) + 1)
    }
}

/// How many others are in the list before this one, which is added where it is not in it.
fn place_in(list: &mut Vec<String>, name: &str) -> usize {
    list.iter().position(|known| known == name).unwrap_or_else(|| {
        list.push(name.to_owned());
        list.len() - 1
    })
}

/// What the escapes of an address stand for; `None` where there are none, or where they stand for no
/// text.
fn unescaped(component: &str) -> Option<String> {
    component.contains('%').then_some(())?;
    let mut bytes = Vec::with_capacity(component.len());
    let mut rest = component;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
