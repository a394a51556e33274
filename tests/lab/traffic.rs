use std::collections::BTreeMap;

use crate::stage::director::example;
use crate::stage::topology::{Topology, Vip};

#[test]
fn nine_clients_are_spread_three_to_a_server_and_each_stays_with_its_own() {
    let lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    let output = lab.dir1.lvsctl("apply", &[&file]);
    assert!(output.status.success(), "{output:?}");

    let servers: Vec<usize> = (1..=9).map(|n| lab.server_of(n)).collect();
    let mut load = BTreeMap::new();
    for server in &servers {
        *load.entry(*server).or_insert(0) += 1;
    }
    assert_eq!(load, BTreeMap::from([(0, 3), (1, 3), (2, 3)]));
    for turn in 0..20 {
        assert_eq!(lab.server_of(1), servers[0], "request {turn}");
    }
}
