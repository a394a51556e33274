use std::fmt::{self, Write as _};

/// A configuration of many alike.
pub struct Size {
    pub name: &'static str,
    pub services: usize,
    pub dests: usize,
    pub rounds: usize,
    /// ipvsadm and keepalived take minutes for what is large.
    pub rounds_of_others: usize,
}

impl Size {
    pub const ALL: &[Self] = &[
        Self::new("small", 1_000, 3, 5, 5),
        Self::new("wide", 1, 2_000, 5, 5),
        Self::new("large", 10_000, 10, 5, 1),
    ];

    pub const fn new(
        name: &'static str,
        services: usize,
        dests: usize,
        rounds: usize,
        rounds_of_others: usize,
    ) -> Self {
        Self {
            name,
            services,
            dests,
            rounds,
            rounds_of_others,
        }
    }

    /// Services and dests together.
    pub fn objects(&self) -> usize {
        self.services * (1 + self.dests)
    }

    /// As keepalived reads it. `in_server` stands in every real server.
    pub fn configuration(&self, in_server: &str) -> String {
        let mut text = String::new();
        for service in 0..self.services {
            // As addresses come, one after another: the kernel hashes by the last octet.
            let _ = write!(
                text,
                "virtual_server 10.0.{}.{} 80 {{\n lb_algo rr\n lb_kind DR\n protocol TCP\n persistence_timeout 300\n",
                service / 250,
                service % 250 + 1
            );
            for dest in 0..self.dests {
                // No address twice: a check for each.
                let nth = service * self.dests + dest;
                let (high, mid, low) = (100 + nth / 62_500, nth / 250 % 250, nth % 250 + 1);
                let _ = writeln!(
                    text,
                    " real_server 10.{high}.{mid}.{low} 80 {{\n  weight 1\n{in_server} }}"
                );
            }
            text.push_str("}\n");
        }
        text
    }

    /// The same with another weight in the last real server.
    pub fn one_weight_changed(&self) -> String {
        let text = self.configuration("");
        let (before, after) = text.rsplit_once("weight 1\n").unwrap();
        format!("{before}weight 2\n{after}")
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} services x {} dests", self.services, self.dests)
    }
}
