//! What a program asks the kernel, seen from outside.

/// The program in front of the one to be watched.
pub fn front(log: &str) -> Vec<&str> {
    vec![
        "strace",
        "-f",
        "-qq",
        "-xx",
        "-s",
        "1048576",
        "-e",
        "trace=sendto,sendmsg,write",
        "-e",
        "abbrev=none",
        "-e",
        "signal=none",
        "-o",
        log,
    ]
}

/// Numbers of the IPVS commands that change something.
const CHANGING: [u8; 10] = [1, 2, 3, 5, 6, 7, 9, 10, 12, 16];
const FLUSH: u8 = 17;

/// The changing commands in a log of strace, in order.
///
/// Every generic netlink message counts that is not for the family `nlctrl`: nothing watched here
/// speaks to a third family.
pub fn changing_commands(log: &str) -> Vec<u8> {
    let mut commands = Vec::new();
    for call in log
        .lines()
        .filter(|line| line.contains("sendto(") || line.contains("sendmsg("))
    {
        for message in call.split("nlmsg_type=").skip(1) {
            let kind = message.split(',').next().unwrap_or_default();
            if kind.contains("nlctrl") || kind.contains("GENL_ID_CTRL") {
                continue;
            }
            let payload = message.split_once("}, \"\\x").map(|(_, payload)| payload);
            let command = payload.and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
            let command = command.unwrap_or_else(|| panic!("no generic netlink: {message:.200}"));
            if CHANGING.contains(&command) || command == FLUSH {
                commands.push(command);
            }
        }
    }
    commands
}
