//! Where a machine is asked: a host, a port and whether it speaks TLS.
//!
//! In: what a person or a cloud's listing writes, such as `203.0.113.5`, `host:8080`, `[2001:db8::1]`
//! or `https://host/`. Out: an [`Address`], or an [`AddressError`] that says what to write.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// Where a machine is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// Is it asked over TLS?
    tls: bool,
    host: Host,
    port: u16,
}

/// The machine itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Host {
    Ip(IpAddr),
    Name(String),
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing is there.
    #[error("an address is empty; write a host such as 203.0.113.5 or https://host:8443")]
    Empty,
    /// Another protocol.
    #[error("`{0}` has another protocol; machines are asked over http:// or https://")]
    Scheme(String),
    /// A name and a password before the host.
    #[error("an address has a name before `@`; status.json is read without one: leave it out")]
    Login,
    /// No host.
    #[error("`{0}` is no host; write a name or an address such as 203.0.113.5")]
    Host(String),
    /// No port.
    #[error("`{0}` has no port from 1 to 65535 behind its `:`")]
    Port(String),
}

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// Longest name in the DNS: <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4>
const LONGEST_NAME: usize = 253;

impl Address {
    /// That of an IP address, at the port of HTTP.
    pub fn of(ip: IpAddr) -> Address {
        Address { tls: false, host: Host::Ip(ip), port: HTTP }
    }

    /// Is it asked over TLS?
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host as it is looked up and as a certificate names it: without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Ip(ip) => ip.to_string(),
            Host::Name(name) => name.clone(),
        }
    }

    /// The IP address, where it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ip(ip) => Some(ip),
            Host::Name(_) => None,
        }
    }

    /// TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as HTTP's header `Host` has them.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
            _ => self.host(),
        };
        let usual = if self.tls { HTTPS } else { HTTP };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// The machine's pages.
    pub fn url(&self) -> String {
        format!("http{}://{}/", if self.tls { "s" } else { "" }, self.authority())
    }

    /// Reads a text whose host is at another port than 80, if it does not say so itself.
    ///
    /// # Errors
    /// It is no address.
    pub fn parse(text: &str, default_port: Option<u16>) -> Result<Address, AddressError> {
        let text = text.trim();
        let (tls, rest) = scheme(text)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match authority {
            "" => return Err(AddressError::Empty),
            _ if authority.contains('@') => return Err(AddressError::Login),
            _ => {}
        }
        let (host, port) = split(authority)?;
        let usual = if tls { HTTPS } else { default_port.unwrap_or(HTTP) };
        Ok(Address { tls, host, port: port.unwrap_or(usual) })
    }
}

fn scheme(text: &str) -> Result<(bool, &str), AddressError> {
    let Some((scheme, rest)) = text.split_once("://") else { return Ok((false, text)) };
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Ok((false, rest)),
        "https" => Ok((true, rest)),
        _ => Err(AddressError::Scheme(text.into())),
    }
}

/// The host, and the port where there is one.
fn split(authority: &str) -> Result<(Host, Option<u16>), AddressError> {
    if let Ok(ip) = authority.parse::<Ipv6Addr>() {
        return Ok((Host::Ip(ip.into()), None));
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ip, rest)) => {
            let ip = ip.parse::<Ipv6Addr>().map_err(|_| AddressError::Host(authority.into()))?;
            (Host::Ip(ip.into()), rest)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            (host(&authority[..end])?, &authority[end..])
        }
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    let number = port.strip_prefix(':').and_then(|digits| digits.parse().ok());
    let number = number.filter(|number| *number > 0);
    Ok((host, Some(number.ok_or_else(|| AddressError::Port(authority.into()))?)))
}

fn host(text: &str) -> Result<Host, AddressError> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Host::Ip(ip));
    }
    let clean = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let label = |label: &str| label.len() <= 63 && label.starts_with(|c: char| c != '-');
    let labels = text.strip_suffix('.').unwrap_or(text).split('.');
    // `1.2.3` and `1.2.3.400` are slips of the pen, and no names.
    let numbers = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let good = text.len() <= LONGEST_NAME && text.chars().all(clean) && !numbers;
    match good && labels.clone().all(label) {
        true => Ok(Host::Name(text.to_ascii_lowercase())),
        false => Err(AddressError::Host(text.into())),
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        Address::parse(text, None)
    }
}

/// As a person would write it.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "https://" } else { "" })?;
        f.write_str(&self.authority())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_of_writing_an_address_is_read() {
        for (text, url) in [
            ("203.0.113.5", "http://203.0.113.5/"),
            (" 203.0.113.5:8080 ", "http://203.0.113.5:8080/"),
            ("http://203.0.113.5:80/", "http://203.0.113.5/"),
            ("https://Lab.example.org", "https://lab.example.org/"),
            ("https://host:8443/status.json?x", "https://host:8443/"),
            ("2001:db8::1", "http://[2001:db8::1]/"),
            ("[2001:db8::1]:8080", "http://[2001:db8::1]:8080/"),
            ("HTTP://[::1]", "http://[::1]/"),
            ("https://host:80", "https://host:80/"),
        ] {
            assert_eq!(text.parse::<Address>().map(|one| one.url()).as_deref(), Ok(url), "{text}");
        }
        let at = |text| Address::parse(text, Some(8080)).map(|one| one.port());
        assert_eq!((at("a"), at("a:1"), at("https://a")), (Ok(8080), Ok(1), Ok(443)));
    }

    #[test]
    fn what_is_no_address_is_told_why() {
        for (text, words) in [
            ("", "is empty"),
            ("http:///x", "is empty"),
            ("ftp://host", "another protocol"),
            ("user:pw@host", "before `@`"),
            ("host:0", "no port from 1 to 65535"),
            ("host:65536", "no port from 1 to 65535"),
            ("host:http", "no port"),
            ("[::1]x", "no port"),
            ("[1.2.3.4]", "is no host"),
            ("1.2.3", "is no host"),
            ("1.2.3.400", "is no host"),
            ("two words", "is no host"),
            ("a..b", "is no host"),
            ("-", "is no host"),
            ("이름", "is no host"),
            ("host\u{1b}[2J", "is no host"),
        ] {
            let error = text.parse::<Address>().map(|one| one.url()).unwrap_err();
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(text in "(https?://)?([a-z0-9.-]{1,9}|\\[[0-9a-f:]{2,9}\\])(:[0-9]{1,5})?") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address.clone()));
                prop_assert_eq!(address.url().parse(), Ok(address));
            }
        }

        #[test]
        fn no_text_is_too_odd(text in any::<String>()) {
            let _ = text.parse::<Address>();
        }
    }
}
