//! The text layer: what is expanded to what, and that every finding points at what was written.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

use std::collections::BTreeMap;

use lvsctl::conf::{self, Loaded, Memory, Options};
use lvsctl::diag::text;

fn load_with(files: &[(&str, &str)], options: &Options<'_>) -> (Vec<String>, Loaded) {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    let files = Memory(files.collect::<BTreeMap<_, _>>());
    let mut lines = Vec::new();
    let loaded = conf::each_block(&files, "k.conf", options, &mut |node| {
        let mut line = |node: conf::Node<'_>, depth: usize| {
            let words: Vec<&str> = node.words().map(|word| word.text()).collect();
            lines.push(format!("{}{}", ">".repeat(depth), words.join("|")));
        };
        every(node, 0, &mut line);
    });
    (lines, loaded)
}

fn every<'t>(node: conf::Node<'t>, depth: usize, line: &mut impl FnMut(conf::Node<'t>, usize)) {
    line(node, depth);
    for child in node.children() {
        every(child, depth + 1, line);
    }
}

/// The lines of a text after expansion, words divided by `|`, `>` for each block around them.
fn lines(text: &str) -> Vec<String> {
    load_with(&[("k.conf", text)], &Options::default()).0
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    let findings = loaded.diagnostics.iter();
    findings.map(|finding| finding.rule.code).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn text_expands_as_keepalived_has_it() {
    // (why, text, lines)
    let cases: [(&str, &str, &[&str]); 38] = [
        ("words and blocks", "a b { c\nd }", &["a|b", ">c", ">d"]),
        ("a comment anywhere", "a b#c\n!d\ne !f", &["a|b", "e"]),
        ("quotes protect", "a \"b # {\" c", &["a|b # {|c"]),
        ("a quote ends a word", "a\"b c\"d", &["a|b c|d"]),
        ("single quotes do not", "a 'b #c'", &["a|'b"]),
        ("an escaped sign is a comment", "a b\\#c", &["a|b"]),
        (
            "an escaped quote opens nothing",
            "a \"b \\\"#c\\\" d\"",
            &["a|b \\|#c\\| d"],
        ),
        ("a sign at the end is glued", "a b \\\nc", &["a|b\\", "c"]),
        ("also before a comment", "a b \\ # d", &["a|b\\"]),
        ("not one in a comment", "a b # d \\", &["a|b"]),
        (
            "parameters",
            "$A=x\na $A ${A}y (${A}) $A,z",
            &["a|x|xy|(x)|x,z"],
        ),
        (
            "only before certain signs",
            "$A=x\na $A.y \"$A\" \"${A}\" $A)",
            &["a|$A.y|$A|x|x)"],
        ),
        (
            "expanded at use",
            "$A=$B\n$B=1\na $A\n$B=2\na $A",
            &["a|1", "a|2"],
        ),
        ("a value may be words", "$A=b  c\na $A d", &["a|b|c|d"]),
        ("an empty value", "$A=\na ${A} b", &["a|b"]),
        (
            "a value may hold a comment sign",
            "$A=x${_HASH}y\na $A\nb \"${A}\"",
            &["a|x", "b|x#y"],
        ),
        (
            "several lines",
            "$A=a { \\\n b \\\n}\n$A\nc",
            &["a", ">b", "c"],
        ),
        ("an empty line ends it", "$A=a \\\n\nb\n$A", &["b", "a"]),
        (
            "blanks and comments do not",
            "$A=a \\\n \t\n # x\n b\n$A",
            &["a", "b"],
        ),
        (
            "several lines only at the end",
            "$A=a \\\nb\n$A c",
            &["$A|c"],
        ),
        (
            "several lines within several",
            "$A=x \\\ny\n$B=1 \\\n$A \\\n2\n$B",
            &["1", "x", "y", "2"],
        ),
        (
            "a definition of a definition",
            "$A=$B=c\n$A\na $B",
            &["a|c"],
        ),
        ("~SEQ to the last", "~SEQ(i,3) a $i", &["a|1", "a|2", "a|3"]),
        ("~SEQ down", "~SEQ(i,-2) a $i", &["a|-1", "a|-2"]),
        ("~SEQ to zero", "~SEQ(i,0) a $i", &["a|1", "a|0"]),
        (
            "~SEQ from first to last",
            "~SEQ(i, 5 ,4) a $i",
            &["a|5", "a|4"],
        ),
        (
            "~SEQ with a step",
            "~SEQ(i,1,2,6) a $i",
            &["a|1", "a|3", "a|5"],
        ),
        (
            "~SEQ in hexadecimal",
            "~SEQx(i,9,0xb) a $i",
            &["a|9", "a|a", "a|b"],
        ),
        (
            "~SEQ with parameters",
            "$N=2\n~SEQ(i,$N) a $i",
            &["a|1", "a|2"],
        ),
        (
            "~SEQ of a block",
            "~SEQ(i,2) a $i { b ${i}0 }",
            &["a|1", ">b|10", "a|2", ">b|20"],
        ),
        (
            "~SEQ within ~SEQ",
            "~SEQ(i,2) ~SEQ(j,2) a $i $j",
            &["a|1|1", "a|1|2", "a|2|1", "a|2|2"],
        ),
        (
            "~SEQ of several lines",
            "$A=a $i \\\nb $i\n~SEQ(i,2) $A",
            &["a|1", "b|1", "a|2", "b|2"],
        ),
        ("~LST", "~LST(i,x,y) a $i", &["a|x", "a|y"]),
        (
            "~LST of tuples",
            "~LST({i,j},{1,2},{3}) a $i $j b",
            &["a|1|2|b", "a|3|b"],
        ),
        ("no host without a name", "@x a\n@^x b\n@x\n@ c", &["b"]),
        (
            "a line begins behind a brace",
            "a { @x b\n@^x c } @x d",
            &["a", ">c"],
        ),
        ("a chain of conditions is none", "@^x @^y a", &["@^y|a"]),
        (
            "folder, id and signs",
            "$_PWD=over\na ${_PWD} \"${_BANG}\"",
            &["a|over|!"],
        ),
    ];
    for (why, text, want) in cases {
        assert_eq!(lines(text), want, "{why}: {text}");
    }
}

#[test]
fn conditional_lines_are_those_of_the_host() {
    let text = "@low a\n@high b\n@^low c\n@low $A=1\n@high $A=2\nd $A ${_INSTANCE}\n@low @high e\n$C=@low f\n$C\n";
    let of = |id| {
        let options = Options {
            config_id: Some(id),
            ..Options::default()
        };
        load_with(&[("k.conf", text)], &options)
    };
    assert_eq!(of("low").0, ["a", "d|1|low", "@high|e", "f"]);
    assert_eq!(of("high").0, ["b", "c", "d|2|high"]);
    assert_eq!(of("other").0, ["c", "d|$A|other"]);
    let ids: Vec<String> = of("low").1.ids.into_iter().collect();
    assert_eq!(ids, ["high", "low"]);
}

#[test]
fn includes_follow_every_form() {
    let files = [
        (
            "k.conf",
            "include a.conf # not part of the name\ninclude d/*.conf\nincludew d/{y,x}.conf\ninclude none/*.conf\ninclude\n",
        ),
        ("a.conf", "a\n"),
        ("d/x.conf", "x {\ninclude ../a.conf\n}\n"),
        ("d/y.conf", "$A=../a.conf\ny\ninclude $A\n"),
        ("d/.z.conf", "hidden\n"),
    ];
    let (lines, loaded) = load_with(&files, &Options::default());
    assert_eq!(
        lines,
        ["a", "x", ">a", "y", "a", "y", "a", "x", ">a", "include"]
    );
    assert!(!codes(&loaded).contains(&"unreadable-file"));
    let refused = |line: &str| {
        let (_, loaded) = load_with(
            &[("k.conf", line), ("d/x.conf", "x\n")],
            &Options::default(),
        );
        assert_eq!(
            loaded.director.is_none(),
            codes(&loaded).contains(&"unreadable-file"),
            "{line}"
        );
        loaded.director.is_none()
    };
    // (line, refused)
    for (line, want) in [
        ("include none.conf", true),
        ("include \"d/x.conf\"", true),
        ("include d/*.none", false),
        ("includer d/*.none", false),
        ("includem d/*.none", false),
        ("includew d/*.none", true),
        ("includea d/*.none", true),
        ("includeb d/{x,y}.conf", true),
        ("includeb d/{x,x}.conf", false),
        ("includew d/{x,y}.conf", false),
    ] {
        assert_eq!(refused(line), want, "{line}");
    }
}

#[test]
fn what_only_the_host_knows_is_not_judged_without_it() {
    let text = "global_defs {\nlvs_timeouts tcp ${_ENV T}\n}\n";
    let (_, loaded) = load_with(&[("k.conf", text)], &Options::default());
    assert_eq!(codes(&loaded), [] as [&str; 0]);
    let environment = |name: &str| (name == "T").then(|| "60".to_owned());
    let options = Options {
        environment: Some(&environment),
        ..Options::default()
    };
    let (_, loaded) = load_with(&[("k.conf", text)], &options);
    assert_eq!(loaded.director.unwrap().globals.timeouts.tcp, 60);
}

/// Text, and the place, the text under the caret and the notes of its one finding.
#[test]
fn a_finding_points_at_what_was_written_and_tells_how_it_came_in() {
    let server = |line: &str| {
        format!(
            "{line}\nvirtual_server ${{VIP}} 80 {{\nlb_algo rr\nlb_kind DR\nprotocol TCP\nreal_server ${{RS}} 80 {{\nweight $W\n}}\n}}\n"
        )
    };
    let good = "$VIP=192.0.2.1\n$RS=192.0.2.9\n$W=1\n";
    let cases = [
        (
            server(&good.replace("$VIP=192.0.2.1", "$VIP=  192.0.2.256")),
            (1, 8, "192.0.2.256"),
            vec!["used at k.conf:5, for ${VIP}"],
        ),
        (
            server(&good.replace("192.0.2.9", "${N}.9\n$N=192.0.2.x")),
            (2, 5, "${N}.9"),
            vec![
                "it is 192.0.2.x.9 after expansion",
                "used at k.conf:10, for ${RS}",
            ],
        ),
        (
            server(&format!("{good}~SEQ(i,2,2) $W=${{i}}x\n")),
            (4, 16, "${i}x"),
            vec![],
        ),
        (
            format!("{good}~SEQ(i,255,257) virtual_server_group g$i {{ 192.0.2.$i 80 }}\n"),
            (4, 44, "192.0.2.$i"),
            vec![
                "it is 192.0.2.256 after expansion",
                "repeated at k.conf:4, with i = 256",
                "the same at one more use",
            ],
        ),
        (
            "~LST(a,rr,rx) virtual_server fwmark 1$a1 {\n}\n".to_owned(),
            (1, 37, "1$a1"),
            vec![],
        ),
    ];
    for (text_in, (line, column, caret), notes) in cases {
        let (_, loaded) = load_with(&[("k.conf", &text_in)], &Options::default());
        let finding = loaded
            .diagnostics
            .first()
            .unwrap_or_else(|| panic!("none: {text_in}"));
        let place = loaded.sources.place(finding.primary.span);
        let written = loaded.sources.written(finding.primary.span);
        let got = (
            place.line,
            place.column,
            std::str::from_utf8(written).unwrap(),
        );
        assert_eq!(
            got,
            (line, column, caret),
            "{text_in}\n{:?}",
            codes(&loaded)
        );
        let rendered = text::render(&loaded.diagnostics, &loaded.sources, false);
        for note in notes {
            assert!(
                rendered.contains(&format!("= note: {note}")),
                "{note}:\n{rendered}"
            );
        }
    }
}

#[test]
fn one_cause_is_one_finding_however_often_it_is_expanded() {
    let text = "$BLOCK=lb_algo rr \\\nwieght 2 \\\nprotocol TCP\n~SEQ(i,1,9) virtual_server 192.0.2.$i 80 { $BLOCK\n";
    let (_, loaded) = load_with(&[("k.conf", text)], &Options::default());
    let unknown: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|f| f.rule.code == "unknown-keyword")
        .collect();
    assert_eq!(unknown.len(), 1, "{:?}", codes(&loaded));
}

#[test]
fn nothing_expands_for_ever() {
    // (text, the code that ends it)
    let twice = |n: usize| {
        let line = |at: usize| format!("$A{at}=${{A{0}}}${{A{0}}}\n", at - 1);
        format!(
            "$A0=x\n{}a ${{A{n}}}\n",
            (1..=n).map(line).collect::<String>()
        )
    };
    let cases = [
        ("$A=$A\na $A\n".to_owned(), "expansion-cycle"),
        ("$A=${A}x\na $A\n".to_owned(), "expansion-cycle"),
        ("$A=${B}x\n$B=${A}\na $A\n".to_owned(), "expansion-cycle"),
        ("$A=x \\\n$A\n$A\n".to_owned(), "expansion-cycle"),
        ("$A=$A \\\n$A\n$A\n".to_owned(), "expansion-cycle"),
        (twice(60), "expansion-cycle"),
        ("~SEQ(i,1000000000) a $i\n".to_owned(), "bad-sequence"),
        (
            "~SEQ(i,9000) ~SEQ(j,9000) instance $i $j\n".to_owned(),
            "too-much-expansion",
        ),
        ("~SEQ(i,1,0,2) a\n".to_owned(), "bad-sequence"),
        ("~SEQ(i,1,-1,2) a\n".to_owned(), "bad-sequence"),
        ("~SEQ(i,1 a\n".to_owned(), "bad-sequence"),
        ("~SEQ() a\n".to_owned(), "bad-sequence"),
        ("~SEQx(i,-2) a\n".to_owned(), "bad-sequence"),
        ("~LST(i) a\n".to_owned(), "bad-sequence"),
        ("~LST({i},{1,2}) a\n".to_owned(), "bad-sequence"),
        ("a ${B}\n".to_owned(), "undefined-parameter"),
    ];
    for (text, code) in cases {
        let (_, loaded) = load_with(&[("k.conf", &text)], &Options::default());
        assert!(
            codes(&loaded).contains(&code),
            "{text}: {:?}",
            codes(&loaded)
        );
        assert!(loaded.director.is_none(), "{text}");
        assert!(loaded.diagnostics.len() < 4, "{text}: {:?}", codes(&loaded));
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_once() {
    use std::cell::Cell;
    struct Changing(Cell<u32>);
    impl conf::Files for Changing {
        fn read(&self, path: &str) -> Result<conf::Found, conf::ReadError> {
            let text = if path == "k.conf" {
                "include a\ninclude a\n".to_owned()
            } else {
                self.0.set(self.0.get() + 1);
                format!("instance reading{}\n", self.0.get())
            };
            Ok(conf::Found {
                bytes: text.into_bytes().into(),
                executable: false,
            })
        }
        fn glob(&self, _: &str) -> Vec<Vec<String>> {
            Vec::new()
        }
    }
    let loaded = conf::load(&Changing(Cell::new(0)), "k.conf", &Options::default());
    assert_eq!(
        loaded.director.unwrap().globals.instance.as_deref(),
        Some("reading1")
    );
}
