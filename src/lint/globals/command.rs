//! Commands of a configuration, wherever they stand.

use crate::conf::keyword::{Form, Keyword};
use crate::conf::{Node, Word, program_of, words_of};

/// A line's command: the word it stands in, the program with its arguments, and what stands behind
/// the word.
pub(in crate::lint) struct Command<'t> {
    pub(super) word: Word<'t>,
    words: Vec<Vec<u8>>,
    pub(in crate::lint) behind: Vec<Vec<u8>>,
}

/// Whether a keyword is followed by a command.
pub(in crate::lint) fn takes_one(known: &Keyword) -> bool {
    // A pattern has the quotes and escapes of a command, and is none.
    let first = known.arguments.first().filter(|_| known.word != "regex");
    first.is_some_and(|argument| argument.forms.contains(&Form::Command))
}

/// `None` where a line has no command, or one that cannot be read, which the reader says.
pub(in crate::lint) fn of<'t>(known: &Keyword, node: Node<'t>) -> Option<Command<'t>> {
    if !takes_one(known) {
        return None;
    }
    let word = node.argument(0)?;
    let mut said = words_of(node)?.into_iter().skip(1);
    let words = program_of(&said.next()?)?;
    let behind = said.collect();
    (!words.is_empty()).then_some(Command {
        word,
        words,
        behind,
    })
}

impl Command<'_> {
    /// Files that are run: the program, and the script that an interpreter is given.
    pub(super) fn files(&self) -> impl Iterator<Item = &[u8]> {
        let program = self.words.first().map_or(&[][..], Vec::as_slice);
        let name = program.rsplit(|byte| *byte == b'/').next();
        let shells: [&[u8]; 8] = [
            b"sh", b"bash", b"dash", b"ksh", b"perl", b"python", b"python2", b"python3",
        ];
        let interpreter = name.is_some_and(|name| shells.contains(&name));
        let script = self.words.get(1).filter(|_| interpreter);
        [program].into_iter().chain(script.map(Vec::as_slice))
    }
}
