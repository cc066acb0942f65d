//! Where a visitor comes from. Behind a proxy that the operator named, it is what that proxy says; anybody else may
//! write what he likes into the header and is still taken by the address he called from.

use crate::Web;
use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Header in which each proxy adds at the end from whom it got the request.
const HEADER: &str = "x-forwarded-for";

/// Addresses that begin alike: `10.0.0.0/8`, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    length: u32,
    v4: bool,
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address.to_canonical() {
        IpAddr::V4(a) => (u128::from(a.to_bits()) << 96, true),
        IpAddr::V6(a) => (a.to_bits(), false),
    }
}

fn head(bits: u128, length: u32) -> u128 {
    if length == 0 { 0 } else { bits >> (128 - length) }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        let (bits, v4) = bits(address);
        v4 == self.v4 && head(bits, self.length) == head(self.bits, self.length)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || format!("{text} 不是地址或网段;请写成 10.0.0.5 或 10.0.0.0/8");
        let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(a, n)| (a, Some(n)));
        let (bits, v4) = bits(address.parse().map_err(|_| wrong())?);
        let most = if v4 { 32 } else { 128 };
        let length = length.map_or(Ok(most), |n| n.parse::<u32>().map_err(|_| wrong()))?;
        // All addresses there are would be trusting everybody.
        if length == 0 || length > most {
            return Err(wrong());
        }
        Ok(Network { bits, length, v4 })
    }
}

/// Who sent a request: the last one in the chain whom the operator does not answer for. A chain that cannot be read
/// ends there, and the request counts for the proxy that passed it on.
pub(crate) fn client(trusted: &[Network], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let known = |address: IpAddr| trusted.iter().any(|n| n.holds(address));
    let mut at = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all(HEADER).iter().map(|v| v.to_str().unwrap_or("?")).collect();
    let mut hops = lines.iter().flat_map(|l| l.split(',')).rev();
    while known(at) {
        let Some(Ok(before)) = hops.next().map(|hop| hop.trim().parse::<IpAddr>()) else { return at };
        at = before.to_canonical();
    }
    at
}

/// Whom an address counts for: whoever has IPv6 has a whole /64 and could call from a new address each time, so that
/// limits of tries count the /64. This machine stays what it is.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(a) if !a.is_loopback() => IpAddr::V6(Ipv6Addr::from_bits(a.to_bits() >> 64 << 64)),
        other => other,
    }
}

/// The same for a request as it came in, by what it counts for.
pub(crate) fn of(web: &Web, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |c| c.0.ip());
    counted(client(&web.options().trusted_proxies, peer, &parts.headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|t| t.parse().expect("a network")).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, line.parse().expect("a header"));
        }
        client(&trusted, peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn only_a_named_proxy_is_believed() {
        assert_eq!(said(&[], "10.0.0.5", &["203.0.113.9"]), "10.0.0.5");
        assert_eq!(said(&["10.0.0.6"], "10.0.0.5", &["203.0.113.9"]), "10.0.0.5");
        assert_eq!(said(&["10.0.0.5"], "10.0.0.5", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(said(&["10.0.0.0/8"], "::ffff:10.0.0.5", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(said(&["fd00::/8"], "fd00::1", &["203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn what_a_visitor_puts_before_it_is_not_looked_at() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"];
        assert_eq!(said(&trusted, "127.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.5"]), "203.0.113.9");
        assert_eq!(said(&trusted, "127.0.0.1", &["1.2.3.4", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(said(&trusted, "127.0.0.1", &["10.9.9.9, 10.0.0.5"]), "10.9.9.9");
    }

    #[test]
    fn a_chain_that_cannot_be_read_counts_for_the_proxy() {
        let trusted = ["10.0.0.0/8"];
        for line in ["", "unknown", "203.0.113.9:4711", "203.0.113.9, ", "203.0.113.9; x"] {
            assert_eq!(said(&trusted, "10.0.0.5", &[line]), "10.0.0.5", "{line}");
        }
        assert_eq!(said(&trusted, "10.0.0.5", &[]), "10.0.0.5");
    }

    #[test]
    fn a_caller_of_ipv6_counts_as_the_network_that_he_has() {
        let of = |text: &str| counted(text.parse().expect("an address")).to_string();
        assert_eq!(of("2001:db8:1:2:aaaa::7"), of("2001:db8:1:2:ffff:1:2:3"));
        assert_eq!(of("2001:db8:1:2:aaaa::7"), "2001:db8:1:2::");
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
        for same in ["203.0.113.9", "127.0.0.1", "::1"] {
            assert_eq!(of(same), same);
        }
        assert_eq!(of("::ffff:203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn networks_are_read_or_refused() {
        for text in ["", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0", "proxy.local", "10.0.0.0/", "10.0.0.0/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        let half: Network = "10.0.0.0/9".parse().expect("a network");
        assert!(half.holds("10.127.0.1".parse().expect("an address")));
        assert!(!half.holds("10.128.0.1".parse().expect("an address")));
    }
}
