//! Why there is no answer, and what to look at, in words.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use super::super::address::Address;
use super::super::clean::clean;
use super::{LARGEST, SHOWN, Trouble};

pub(super) fn late(address: &Address, limit: Duration) -> Trouble {
    let (port, seconds) = (address.port(), limit.as_secs_f32());
    Trouble::Silence(format!(
        "no answer in {seconds} s: is it on, and does its security group let port {port} in?"
    ))
}

pub(super) fn unknown(address: &Address, error: &io::Error) -> Trouble {
    Trouble::Silence(format!("the name {} is not found: {error}", address.host()))
}

pub(super) fn nameless(address: &Address) -> Trouble {
    Trouble::Silence(format!("the name {} has no address", address.host()))
}

pub(super) fn unconnected(address: &Address, error: &io::Error) -> Trouble {
    let port = address.port();
    Trouble::Silence(match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!(
                "nothing listens at port {port}: it has just started, or its web server is down"
            )
        }
        // EMFILE and ENFILE have no kind of their own.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => {
            "this computer has no room for more connections: lower --jobs".into()
        }
        _ => format!("port {port}: {error}"),
    })
}

pub(super) fn broken(address: &Address, error: &hyper::Error) -> Trouble {
    // It speaks before it is asked, as SSH and SMTP do: hyper tells that by its words alone.
    let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let early = why.contains("unexpected message");
    if early || error.is_parse() || error.is_parse_too_large() {
        let tls = if address.is_tls() { "" } else { "; is it https://?" };
        return Trouble::Odd(format!("what answers does not speak HTTP{tls}"));
    }
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let ended = source.is_some_and(|source| source.kind() == ErrorKind::UnexpectedEof);
    if ended || error.is_incomplete_message() {
        return Trouble::Silence("the answer is cut off".into());
    }
    Trouble::Silence(format!("the connection broke: {}", clean(&why, SHOWN)))
}

pub(super) fn redirected(to: &str) -> Trouble {
    Trouble::Odd(match to {
        "" => "it redirects to nowhere".into(),
        to => format!("it redirects to {to}, which is not followed: name that address instead"),
    })
}

pub(super) fn refused(status: u16) -> Trouble {
    Trouble::Odd(format!("it answers with HTTP status {status}: no machine of bootseed does"))
}

pub(super) fn huge() -> Trouble {
    Trouble::Odd(format!("it answers with more than {} kB", LARGEST >> 10))
}

pub(super) fn distrusted(error: &io::Error) -> Trouble {
    let why = clean(&error.to_string(), SHOWN);
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => {
            Trouble::Silence("it broke off before TLS: is it http://?".into())
        }
        _ if why.contains("certificate") => {
            Trouble::Odd(format!("its certificate is not trusted: {why}"))
        }
        _ => Trouble::Odd(format!("it does not speak TLS: {why}; is it http://?")),
    }
}

pub(super) fn unnamed(address: &Address) -> Trouble {
    Trouble::Silence(format!("{} is no name that a certificate could have", address.host()))
}
