//! What can be wrong with a value, whatever its keyword.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &BAD_NUMBER,
    &OUT_OF_RANGE,
    &BAD_VALUE,
    &BAD_ADDRESS,
    &BAD_PORT,
    &ADDRESS_TAIL,
    &ZERO_INTERVAL,
];

rule! {
    /// A number is expected and something else stands there: a unit, a `;`, an exponent, hexadecimal
    /// digits. Times are seconds with a point and up to six decimals; other numbers are whole.
    ///
    /// keepalived says `invalid number`. Of a time it keeps what it made of the digits: `6s` is 6
    /// microseconds, `1e3` is one. Of a whole number `--config-test` ignores the line, while a running
    /// keepalived may go on with the digits in front. The line of a negative number it ignores.
    ///
    /// ```text
    /// delay_loop 6s
    /// persistence_timeout 1h
    /// ```
    ///
    /// Remedy: digits alone: `delay_loop 6`, `persistence_timeout 3600`.
    pub BAD_NUMBER: Error "bad-number", "this is no number";
}
rule! {
    /// A number is smaller or larger than the keyword takes.
    ///
    /// keepalived says `outside range`, ignores the line and goes on with the default. It takes an
    /// `uthreshold` or `lthreshold` above 2147483647, which the kernel then refuses, so that the real
    /// server is missing.
    ///
    /// ```text
    /// persistence_timeout 0
    /// quorum 0
    /// ```
    ///
    /// Remedy: a number in the range that the finding names. Where the keyword should not count, remove
    /// the line.
    pub OUT_OF_RANGE: Error "out-of-range", "a number is out of its range";
}
rule! {
    /// A value is none of those that the keyword knows. Case counts: `dr` is not `DR`, `TRUE` is not
    /// `true`.
    ///
    /// keepalived ignores the line, mostly with a message, and goes on with the default: NAT for an
    /// `lb_kind` it does not know, wlc for an `lb_algo`, UDP for a `protocol`. Some it takes for
    /// something else and says nothing: `persistence_granularity 24` is the mask 0.0.0.24.
    ///
    /// ```text
    /// lb_kind dr
    /// persistence_granularity 24
    /// ```
    ///
    /// Remedy: one of the values that the finding names.
    pub BAD_VALUE: Error "bad-value", "the keyword does not know this value";
}
rule! {
    /// An IP address is expected and something else stands there: a name, an address with its port
    /// behind a colon, one in brackets, one with an interface, an octet above 255 or with a leading 0.
    /// In a virtual server group also a range that ends below its start, or a prefix whose address has
    /// bits behind it.
    ///
    /// keepalived says `Invalid … IP address` and skips the virtual server, the real server or the
    /// member of the group. It looks up no name here.
    ///
    /// ```text
    /// virtual_server 192.0.2.1:80 {
    /// }
    /// real_server web1.example.org 80 {
    /// }
    /// ```
    ///
    /// Remedy: the address alone, then a blank and the port: `virtual_server 192.0.2.1 80`.
    pub BAD_ADDRESS: Error "bad-address", "this is no IP address";
}
rule! {
    /// A port is expected, 1 to 65535 in digits, and something else stands there. Also a check to which
    /// nobody says a port: neither the check, nor its real server, nor the virtual server.
    ///
    /// keepalived says that the number is out of its range or invalid, and skips the server. A check
    /// without a port asks port 0, which never answers: the server is never up, and
    /// `--config-test` says nothing of that.
    ///
    /// ```text
    /// real_server 192.0.2.9 http {
    /// }
    /// real_server 192.0.2.9 99999 {
    /// }
    /// ```
    ///
    /// Remedy: the number of the port; `connect_port` in the check of a server without one.
    pub BAD_PORT: Error "bad-port", "this is no port";
}
rule! {
    /// Behind an address stands `/LENGTH` or `-LAST`, where only one address can be.
    ///
    /// keepalived drops it and says nothing: `192.0.2.1-5` serves 192.0.2.1 alone. Ranges and prefixes
    /// are for the members of a `virtual_server_group`.
    ///
    /// ```text
    /// virtual_server 192.0.2.1-5 80 {
    /// }
    /// ```
    ///
    /// Remedy: the address alone; for several a `virtual_server_group`.
    pub ADDRESS_TAIL: Error silent "address-tail", "only a single address can stand here";
}
rule! {
    /// `vrrp_garp_interval 0` or `vrrp_gna_interval 0`, as many distributions' sample file has it.
    ///
    /// Without the line there is no interval either. keepalived says that 0 is invalid and ignores the
    /// line, so that nothing is lost but a clean `--config-test`.
    ///
    /// ```text
    /// global_defs {
    ///     vrrp_garp_interval 0
    ///     vrrp_gna_interval 0
    /// }
    /// ```
    ///
    /// Remedy: leave the line out.
    pub ZERO_INTERVAL: Warning "zero-interval", "an interval of 0 is said by leaving the line out";
}
