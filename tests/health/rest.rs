//! `ha_suspend`: checks rest while the host has not the address.

use std::time::Duration;

use lvsctl::model::server::VirtualServerDetails;
use lvsctl::model::service::{Protocol, ServiceKey};

use super::given::{POLICY, Stage, director, endpoint, failed, real, virtual_server};

fn suspending(last: u8) -> lvsctl::model::server::VirtualServer {
    let mut server = virtual_server(last, vec![real(50, POLICY)]);
    server.details = Some(Box::new(VirtualServerDetails {
        ha_suspend: true,
        ..VirtualServerDetails::default()
    }));
    server
}

#[test]
fn checks_rest_while_the_address_is_away_and_servers_stay_as_they_are() {
    let mut stage = Stage::cold(&director(vec![suspending(1)]));
    stage.pass(50);
    let (id, _) = stage.probe_of(50);
    assert_eq!(stage.addresses(&[7]), [true]);
    assert!(stage.asked.is_empty());
    let late = stage.board.answer(id, &failed(), stage.now, stage.now);
    stage.take(late.unwrap());
    assert!(stage.is_up(50), "an answer on its way counts for nothing");
    assert!(stage.asked.is_empty());
    assert_eq!(stage.addresses(&[7, 8]), [] as [bool; 0]);
    assert_eq!(stage.addresses(&[1, 8]), [false]);
    let next = stage.probe_of(50).1;
    assert_eq!(next, stage.now + Duration::from_secs(1));
}

#[test]
fn a_probe_that_somebody_else_needs_goes_on() {
    let other = virtual_server(2, vec![real(50, POLICY)]);
    let mut stage = Stage::cold(&director(vec![suspending(1), other]));
    stage.pass(50);
    stage.addresses(&[]);
    stage.said();
    stage.fell(50);
    assert_eq!(
        stage.news(),
        ["RS 50 DOWN", "VS DOWN 0"],
        "of the other alone"
    );
}

#[test]
fn one_address_of_a_group_is_enough() {
    let mut group = suspending(1);
    group
        .keys
        .push(ServiceKey::Address(Protocol::Tcp, endpoint(2)));
    let mut stage = Stage::cold(&director(vec![group]));
    assert_eq!(stage.addresses(&[]), [true]);
    assert_eq!(stage.addresses(&[2]), [false]);
    assert_eq!(stage.addresses(&[1]), [] as [bool; 0]);
}

#[test]
fn only_who_asks_for_it_rests() {
    let server = virtual_server(1, vec![real(50, POLICY)]);
    let mut stage = Stage::cold(&director(vec![server]));
    assert_eq!(stage.addresses(&[]), [] as [bool; 0]);
    stage.pass(50);
}
