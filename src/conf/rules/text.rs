//! What can be wrong with the bytes of a file.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &UNREADABLE_FILE,
    &EXECUTABLE_FILE,
    &NUL_BYTE,
    &NOT_UTF8,
    &BYTE_ORDER_MARK,
    &LINE_TOO_LONG,
    &UNTERMINATED_QUOTE,
    &TOO_MANY_FINDINGS,
];

rule! {
    /// A file is missing, is a directory, is larger than 32 MiB or may not be read: the file itself,
    /// one that an `include` line names in full, or one that a pattern matched. Also a pattern of
    /// `includew`, `includea` or `includeb` that matches nothing. What stands in that file would be
    /// missing from the configuration.
    ///
    /// keepalived says `Config files missing`, goes on without the file and ends with status 0, even
    /// where it is the only one; with `includem`, `includew`, `includea` and `includeb` it ends with
    /// status 6. Quotes around the name are part of the name to it.
    ///
    /// ```text
    /// include "/etc/keepalived/web.conf"
    /// include /etc/keepalived/no-such-file.conf
    /// ```
    ///
    /// Remedy: name a file that is there, without quotes. Where it may be missing, use a pattern,
    /// which may match nothing: `include /etc/keepalived/conf.d/*.conf`.
    pub UNREADABLE_FILE: Error "unreadable-file", "a file cannot be read";
}
rule! {
    /// The file has an execute bit, for its owner, its group or others.
    ///
    /// keepalived takes such a file for no configuration: it says `is not a regular non-executable
    /// file - skipping` and reads nothing of it, and `--config-test` ends with status 0 all the same.
    /// Files in a folder of Windows or of a container often have the bit.
    ///
    /// ```text
    /// $ ls -l /etc/keepalived/keepalived.conf
    /// -rwxr-xr-x 1 root root 814 keepalived.conf
    /// ```
    ///
    /// Remedy: `chmod a-x FILE`.
    pub EXECUTABLE_FILE: Error "executable-file", "a configuration file may not be executable";
}
rule! {
    /// There is a byte of value 0 in the file, as in UTF-16 text or after a disk that ran full.
    ///
    /// For keepalived the line ends at that byte: what stands behind it on the line is lost. 2.2.7
    /// says nothing of it; 2.4 says that it ignores the line.
    ///
    /// ```text
    /// lb_algo rr<byte 0>lb_kind DR
    /// ```
    ///
    /// Remedy: write the file anew as UTF-8 text; `tr -d '\000'` takes the bytes out.
    pub NUL_BYTE: Error silent "nul-byte", "a configuration holds no byte of value 0";
}
rule! {
    /// A word has bytes that are no UTF-8, most often Latin-1 from an old editor.
    ///
    /// keepalived does not look at the encoding: it compares and passes on the bytes as they are, and
    /// so does lvsctl. What shows them (a log, JSON, a mail) may show something else.
    ///
    /// ```text
    /// virtualhost caf<byte E9>.example.org
    /// ```
    ///
    /// Remedy: save the file as UTF-8, and check whether the other side expects these bytes.
    pub NOT_UTF8: Warning silent "not-utf8", "a word is not UTF-8";
}
rule! {
    /// The file begins with the three bytes that some editors put before UTF-8 text. They are not
    /// visible, and they become part of the first word.
    ///
    /// keepalived does not know that word, and where it opens a block, not a line inside it: it
    /// complains of every one of them.
    ///
    /// ```text
    /// <bytes EF BB BF>virtual_server 192.0.2.1 80 {
    /// ```
    ///
    /// Remedy: save the file as UTF-8 without a byte order mark; `sed -i '1s/^\xEF\xBB\xBF//' FILE`
    /// takes it out.
    pub BYTE_ORDER_MARK: Error "byte-order-mark", "the file begins with a byte order mark";
}
rule! {
    /// A line has more than 65536 bytes. Nothing behind it is read.
    ///
    /// keepalived cuts a line at 1023 bytes and reads the rest as another line, that of a comment
    /// too: words of the comment become keywords.
    ///
    /// ```text
    /// # <100,000 characters>
    /// ```
    ///
    /// Remedy: break the line. A long comment goes on several lines, each with its `#`.
    pub LINE_TOO_LONG: Error "line-too-long", "a line is longer than 65536 bytes";
}
rule! {
    /// A quote is opened and not closed on the same line.
    ///
    /// Where it is a double quote, keepalived says `Unterminated quote` and loses the value, and with
    /// it what the line was for. In the command of a script or the pattern of a page a single quote
    /// counts too; there keepalived 2.2.7 crashes.
    ///
    /// ```text
    /// virtualhost "www.example.org
    /// misc_path "/usr/local/bin/check 'a b"
    /// ```
    ///
    /// Remedy: close the quote on its line. A quote that is meant as such has a backslash before it.
    pub UNTERMINATED_QUOTE: Error "unterminated-quote", "a quote is not closed";
}
rule! {
    /// There were 10,000 findings, and reading ended there. The file is most likely none of
    /// keepalived's.
    ///
    /// keepalived complains of every line, several times.
    ///
    /// ```text
    /// $ lvsctl lint /var/log/syslog
    /// ```
    ///
    /// Remedy: see whether it is the right file; else repair what is found first, and run it again.
    pub TOO_MANY_FINDINGS: Error "too-many-findings", "there are more findings than are shown";
}
