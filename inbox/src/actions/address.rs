//! Decides which addresses an action may call.
//!
//! An inbox runs on a machine or in a network of its team, and so do most services that post to it. So loopback and
//! private addresses are allowed. Refused are multicast addresses, a prefix of NAT64 whose target cannot be known, and the
//! addresses at which a cloud gives a machine its credentials: anybody who
//! has a flow token could have written the URL of an action.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Metadata services outside the link-local ranges.
///
/// Sources: AWS, "Instance metadata options" and "EKS Pod Identity" (fd00:ec2::254, fd00:ec2::23; the whole prefix is
/// refused); Google Cloud, "About VM metadata" (fd20:ce::254); Alibaba
/// Cloud, "Instance metadata" (100.100.100.200); Oracle Cloud, "Security of the metadata service" (192.0.0.192, the older
/// endpoint); Azure, "What is IP address 168.63.129.16?"; Scaleway, "Metadata service" (fd00:42::42).
const METADATA: [IpAddr; 5] = [
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
];

/// Whether an action may call this address.
pub fn is_allowed(address: IpAddr) -> bool {
    let IpAddr::V6(v6) = address else { return is_allowed_itself(address) };
    // A network may translate the local-use prefix of NAT64 (RFC 8215) in several ways.
    let is_local_nat64 = v6.segments()[..3] == [0x64, 0xff9b, 1];
    !is_local_nat64
        && is_allowed_itself(address)
        && embedded(v6).into_iter().flatten().all(|v4| is_allowed_itself(v4.into()))
}

fn is_allowed_itself(address: IpAddr) -> bool {
    let is_link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    let is_of_aws = matches!(address, IpAddr::V6(v6) if v6.segments()[..2] == [0xfd00, 0xec2]);
    !is_link_local && !is_of_aws && !address.is_multicast() && !METADATA.contains(&address)
}

/// The IPv4 addresses to which a packet for this address may be translated: of mapped and compatible addresses (RFC 4291,
/// 2.5.5), 6to4 (RFC 3056), the NAT64 prefix (RFC 6052), ISATAP (RFC 5214) and Teredo (RFC 4380, with its bits
/// inverted).
fn embedded(address: Ipv6Addr) -> [Option<Ipv4Addr>; 3] {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    let last = v4(segments[6], segments[7]);
    let (first, last) = match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] => (None, Some(last)),
        [0, 0, 0, 0, 0xffff, 0, ..] => (None, Some(last)),
        [0x2002, high, low, ..] => (Some(v4(high, low)), None),
        [0x64, 0xff9b, 0, ..] => (None, Some(last)),
        [0x2001, 0, high, low, ..] => (Some(v4(high, low)), Some(Ipv4Addr::from_bits(!last.to_bits()))),
        _ => (None, None),
    };
    let isatap = matches!(segments[4..6], [0 | 0x200, 0x5efe]).then(|| v4(segments[6], segments[7]));
    [first, last, isatap]
}

#[cfg(test)]
mod tests {
    #[test]
    fn metadata_services_are_refused_in_every_form() {
        for (address, is_allowed) in [
            ("169.254.169.254", false),
            ("169.254.170.2", false),
            ("::ffff:169.254.169.254", false),
            ("::169.254.169.254", false),
            ("::ffff:0:169.254.169.254", false),
            ("64:ff9b::169.254.169.254", false),
            ("64:ff9b:1::169.254.169.254", false),
            ("64:ff9b:1:ffff:ffff:ffff:169.254.169.254", false),
            ("2002:a9fe:a9fe::1", false),
            ("2001:0:a9fe:a9fe::1", false),
            ("2001:0:808:808::5601:5601", false),
            ("2001:db8::5efe:169.254.169.254", false),
            ("2001:db8::200:5efe:169.254.169.254", false),
            ("fe80::1", false),
            ("64:ff9b:1:a9fe:a9:fe00::", false),
            ("fd00:ec2::254", false),
            ("fd00:ec2::23", false),
            ("fd20:ce::254", false),
            ("fd00:42::42", false),
            ("100.100.100.200", false),
            ("::ffff:100.100.100.200", false),
            ("192.0.0.192", false),
            ("64:ff9b::192.0.0.192", false),
            ("168.63.129.16", false),
            ("224.0.0.1", false),
            ("ff02::1", false),
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", true),
            ("192.168.1.1", true),
            ("100.100.100.201", true),
            ("fd00::1", true),
            ("8.8.8.8", true),
            ("2001:db8::1", true),
            ("64:ff9b::8.8.8.8", true),
        ] {
            assert_eq!(super::is_allowed(address.parse().expect("an address")), is_allowed, "{address}");
        }
    }
}
