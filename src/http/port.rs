//! The ports that no fetch calls.

/// The "bad ports" of the Fetch standard (section 2.9, "Port blocking"), in ascending order. Servers of other protocols
/// use them, and could read the lines of a request as their own commands.
const BLOCKED: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// The difference of each blocked port to the one before it, in a compact form: bytes that repeat compress well. 255
/// means that the difference goes on in the next byte.
static STEPS: [u8; 115] = steps();

#[allow(clippy::indexing_slicing, reason = "only the compiler runs this, and a wrong index is a compile error")]
const fn steps() -> [u8; 115] {
    let mut steps = [0; 115];
    let (mut at, mut port, mut next) = (0, 0, 0);
    while next < BLOCKED.len() {
        let step = BLOCKED[next] - port;
        steps[at] = if step < 255 { step as u8 } else { 255 };
        port += steps[at] as u16;
        next += (step < 255) as usize;
        at += 1;
    }
    steps
}

/// Whether browsers and the `fetch` of Node, Deno and workers refuse to call this port.
///
/// ```
/// use flowdock_integration::client::is_blocked_port;
/// assert!(is_blocked_port(6000) && !is_blocked_port(4400));
/// ```
#[must_use]
pub fn is_blocked_port(port: u16) -> bool {
    let mut at = 0;
    STEPS.iter().any(|step| {
        at += u16::from(*step);
        at == port && *step < 255
    })
}

#[cfg(test)]
mod tests {
    use super::{BLOCKED, is_blocked_port};

    #[test]
    fn only_the_bad_ports_of_the_fetch_standard_are_blocked() {
        for port in 0..=u16::MAX {
            assert_eq!(is_blocked_port(port), BLOCKED.contains(&port), "{port}");
        }
    }
}
