//! What can be wrong with parameters, sequences and includes.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &INCLUDE_CYCLE,
    &EXPANSION_CYCLE,
    &TOO_MUCH_EXPANSION,
    &UNDEFINED_PARAMETER,
    &BAD_SEQUENCE,
];

rule! {
    /// A file includes itself, by itself or through others. Also files included more than 16 deep, and
    /// more than 1,000 in all.
    ///
    /// keepalived reads on until it has no file left to open, says `Too many open files`, and ends
    /// `--config-test` with status 0. What stands in the file counts hundreds of times.
    ///
    /// ```text
    /// # in /etc/keepalived/keepalived.conf
    /// include /etc/keepalived/*.conf
    /// ```
    ///
    /// Remedy: put included files in a folder of their own, such as `conf.d`.
    pub INCLUDE_CYCLE: Error "include-cycle", "a file includes itself";
}
rule! {
    /// A `$PARAMETER` has itself in its value, by itself or through others, or a line takes more than
    /// 4,096 replacements, or makes more than 65,536 bytes.
    ///
    /// keepalived never ends, or crashes; so does `--config-test`.
    ///
    /// ```text
    /// $HOSTS=${HOSTS} 192.0.2.9
    /// virtualhost ${HOSTS}
    /// ```
    ///
    /// Remedy: give the second value a name of its own. A value is read where it is used, not where it
    /// is defined.
    pub EXPANSION_CYCLE: Error "expansion-cycle", "a parameter or sequence never ends";
}
rule! {
    /// Expansions make more than 64 MiB of text, or bring text in more than a million times. Nothing
    /// behind the place is read.
    ///
    /// keepalived has no such bound: it reads on until memory ends.
    ///
    /// ```text
    /// ~SEQ(i,9000) ~SEQ(j,9000) instance $i $j
    /// ```
    ///
    /// Remedy: a smaller sequence.
    pub TOO_MUCH_EXPANSION: Error "too-much-expansion", "parameters, sequences and includes make more text than can be meant";
}
rule! {
    /// `${NAME}` stands where no `$NAME=` was read before. The order of the file decides; a conditional
    /// line (`@ID $NAME=…`) counts only on the host it is for.
    ///
    /// keepalived leaves it as it stands and takes its `{` for that of a block: the line is lost, and
    /// so is what stands around it.
    ///
    /// ```text
    /// virtual_server ${VIP} 80 {
    /// }
    /// $VIP=192.0.2.1
    /// ```
    ///
    /// Remedy: define it above, at the start of a line, with no blank before the `=`.
    pub UNDEFINED_PARAMETER: Error "undefined-parameter", "a $PARAMETER is not defined";
}
rule! {
    /// A `~SEQ` or `~LST` cannot be read: its `)` is missing, a number is none, the step is 0 or leads
    /// away from the end, a set of a list has too many values, or there are more than 100,000 rounds.
    ///
    /// keepalived says `Invalid ~SEQ specification` and drops the whole line; where it opened a block,
    /// the closing brace is then one too many.
    ///
    /// ```text
    /// ~SEQ(i,1,5,0) real_server 192.0.2.$i 80 { }
    /// ```
    ///
    /// Remedy: `~SEQ(VARIABLE, LAST)`, `~SEQ(VARIABLE, FIRST, LAST)` or `~SEQ(VARIABLE, FIRST, STEP,
    /// LAST)`; `~LST(VARIABLE,VALUE,VALUE…)`.
    pub BAD_SEQUENCE: Error "bad-sequence", "a ~SEQ or ~LST cannot be read";
}
