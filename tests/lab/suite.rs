use lvsctl::ipvs::Client;

use crate::ipvs_cases;
use crate::stage::host::Host;
use crate::stage::topology::prefix;

#[test]
fn the_suite_of_cases_holds_on_the_real_kernel() {
    let host = Host::new(&prefix(), "suite");
    // Without any address up, the kernel takes no address for a host's.
    host.ip("link set lo up\n");
    host.inside(|| ipvs_cases::run(&mut Client::open().unwrap()));
}
