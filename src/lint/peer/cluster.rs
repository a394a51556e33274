use super::director::Director;
use super::pair::Pair;
use super::router::Router;

/// Directors that must agree, and which part of one is the counterpart of which of another.
pub(super) struct Cluster<'d> {
    /// The first, with each of the others.
    pub(super) pairs: Vec<Pair<'d>>,
    /// Instances of several directors that are one virtual router.
    pub(super) routers: Vec<Router<'d>>,
    pub(super) directors: &'d [Director],
}

impl<'d> Cluster<'d> {
    pub(super) fn of(directors: &'d [Director]) -> Self {
        let (first, rest) = match directors.split_first() {
            Some((first, rest)) => (Some(first), rest),
            None => (None, directors),
        };
        let pairs = first.into_iter().flat_map(|first| {
            let others = rest.iter();
            others.map(move |later| Pair::of(first, later))
        });
        Self {
            pairs: pairs.collect(),
            routers: Router::all(directors),
            directors,
        }
    }
}
