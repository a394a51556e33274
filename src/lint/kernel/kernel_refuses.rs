use crate::diag::rule;

rule! {
    /// The kernel of this machine refuses a virtual server or a real server.
    ///
    /// Found by `lint --kernel` alone, which programs the configuration in a network namespace of
    /// its own that is gone afterwards. No table that is in use is touched; but the kernel loads
    /// the modules the configuration asks for, and they stay loaded. Most often a scheduler or a
    /// persistence engine is not built into this kernel. The new namespace has no addresses and
    /// routes: what depends on those of the director is not found here.
    ///
    /// keepalived logs the refusal when it starts, and runs on without the virtual server or real
    /// server. `--config-test` never asks the kernel.
    ///
    /// ```text
    /// virtual_server 192.0.2.10 80 {
    ///     lb_algo twos
    /// }
    /// ```
    ///
    /// Remedy: load the module that is named, or write what this kernel can do.
    pub RULE: Error silent "kernel-refuses", "the kernel of this machine refuses it";
}
