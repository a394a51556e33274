use std::num::NonZeroU16;

use super::lowering::Lowering;
use super::tree::{Node, Word};
use crate::model::forward::{ForwardingMethod, Tunnel, TunnelChecksum};

impl Lowering<'_> {
    /// `NAT`, `DR`, or `TUN` with its options.
    pub(super) fn method(&mut self, node: Node<'_>) -> Option<ForwardingMethod> {
        let mut words = node.arguments();
        let method = words.next()?;
        match method.text() {
            "NAT" => Some(ForwardingMethod::Masquerade),
            "DR" => Some(ForwardingMethod::DirectRoute),
            "TUN" => {
                // With a wrong option keepalived goes on with a plain tunnel.
                let tunnel = self.tunnel(&method, words).unwrap_or(Tunnel::Ipip);
                Some(ForwardingMethod::Tunnel(tunnel))
            }
            other => {
                let capitals = other.to_ascii_uppercase();
                let names = ["NAT", "DR", "TUN"];
                let meant = names.into_iter().find(|name| *name == capitals);
                self.bad_choice(
                    &method,
                    "NAT, DR or TUN, in capitals",
                    "what is said elsewhere, or NAT",
                    meant,
                );
                None
            }
        }
    }

    fn tunnel<'t>(
        &mut self,
        method: &Word<'t>,
        mut options: impl Iterator<Item = Word<'t>>,
    ) -> Option<Tunnel> {
        let mut kind = "ipip";
        let mut port = None;
        let mut checksum = TunnelChecksum::None;
        while let Some(option) = options.next() {
            match option.text() {
                "type" => match options.next() {
                    Some(word) if ["ipip", "gue", "gre"].contains(&word.text()) => {
                        kind = word.text();
                    }
                    other => {
                        self.bad_value(&other.unwrap_or(option), "type ipip, gue or gre");
                        return None;
                    }
                },
                "port" => {
                    let word = options.next();
                    port = word.and_then(|word| word.text().parse::<NonZeroU16>().ok());
                    if port.is_none() {
                        self.bad_value(&word.unwrap_or(option), "port 1 to 65535");
                        return None;
                    }
                }
                "nocsum" => checksum = TunnelChecksum::None,
                "csum" => checksum = TunnelChecksum::Full,
                "remcsum" => checksum = TunnelChecksum::Remote,
                _ => {
                    self.bad_value(&option, "type, port, nocsum, csum or remcsum");
                    return None;
                }
            }
        }
        match (kind, port, checksum) {
            ("gue", Some(port), checksum) => Some(Tunnel::Gue(port, checksum)),
            ("gre", None, TunnelChecksum::None) => Some(Tunnel::Gre { checksum: false }),
            ("gre", None, TunnelChecksum::Full) => Some(Tunnel::Gre { checksum: true }),
            ("ipip", None, TunnelChecksum::None) => Some(Tunnel::Ipip),
            _ => {
                self.bad_value(
                    method,
                    "a port with gue and only with gue, no checksum with ipip, no remcsum with gre",
                );
                None
            }
        }
    }
}
