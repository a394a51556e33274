use crate::diag::rule;

rule! {
    /// The kernel of this machine takes a virtual server or a real server, but holds another one
    /// than was asked for.
    ///
    /// Found by `lint --kernel` alone, which programs the configuration in a network namespace of
    /// its own and reads it back. A kernel ignores what it is too old for: before 5.3, say, it has
    /// no `tunnel_type` and forwards in plain IP-in-IP.
    ///
    /// keepalived does not read back: nobody would know.
    ///
    /// ```text
    /// real_server 192.0.2.50 80 {
    ///     lvs_method TUN type gue port 6080
    /// }
    /// ```
    ///
    /// Remedy: a newer kernel, or write what this one can do.
    pub RULE: Warning silent "kernel-differs", "the kernel of this machine holds something else";
}
