//! A plan as machines read it. Keys are only ever added.

use serde::Serialize;
use serde_json::{Value, json};

use super::step::{Change, Step};
use crate::model::forward::ForwardingMethod;
use crate::model::forward::Tunnel;
use crate::model::forward::TunnelChecksum;
use crate::model::service::ServiceKey;
use crate::model::shape::{DestShape, ServiceShape};
use crate::model::table::{Dest, Settings};

/// The whole answer of `plan` or `apply`.
#[derive(Debug, Serialize)]
pub struct Report {
    pub version: u32,
    pub steps: Vec<StepShape>,
    pub foreign: Vec<ServiceShape>,
    pub notes: Vec<String>,
    /// `nothing-to-do`, `to-do`; after `apply` also `applied` and `partly`.
    pub result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Value>,
}

#[derive(Debug, Serialize)]
pub struct StepShape {
    op: &'static str,
    service: ServiceShape,
    #[serde(skip_serializing_if = "Option::is_none")]
    dest: Option<DestShape>,
    before: Option<Value>,
    after: Option<Value>,
    place: Option<String>,
    /// After `apply`: `done`, `refused` or `skipped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Report {
    pub fn new(steps: Vec<StepShape>, foreign: &[ServiceKey], result: &'static str) -> Self {
        Self {
            version: 1,
            steps,
            foreign: foreign.iter().map(ServiceShape::from).collect(),
            notes: Vec::new(),
            result,
            timings: None,
        }
    }

    pub fn render(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers are always JSON")
    }
}

impl StepShape {
    pub fn new(step: &Step, place: Option<(&str, usize)>) -> Self {
        let (op, before, after) = match &step.change {
            Change::AddService(after) => ("add-service", None, Some(settings(after))),
            Change::EditService { before, after } => (
                "edit-service",
                Some(settings(before)),
                Some(settings(after)),
            ),
            Change::RemoveService(before) => ("remove-service", Some(settings(before)), None),
            Change::AddDest(_, after) => ("add-dest", None, Some(dest(after))),
            Change::EditDest { before, after, .. } => {
                ("edit-dest", Some(dest(before)), Some(dest(after)))
            }
            Change::RemoveDest(_, before) => ("remove-dest", Some(dest(before)), None),
        };
        Self {
            op,
            service: (&step.service).into(),
            dest: step.dest().map(|dest| DestShape::from(&dest)),
            before,
            after,
            place: place.map(|(file, line)| format!("{file}:{line}")),
            outcome: None,
            error: None,
        }
    }

    #[must_use]
    pub fn outcome(mut self, outcome: &'static str, error: Option<String>) -> Self {
        self.outcome = Some(outcome);
        self.error = error;
        self
    }
}

fn settings(settings: &Settings) -> Value {
    let persistence = settings.persistence.map(|persistence| {
        json!({
            "timeout": persistence.timeout,
            "granularity": persistence.granularity.to_string(),
        })
    });
    json!({
        "scheduler": settings.scheduler.as_str(),
        "flag1": settings.flags.flag1,
        "flag2": settings.flags.flag2,
        "flag3": settings.flags.flag3,
        "one_packet": settings.one_packet,
        "persistence": persistence,
        "engine": settings.engine.as_ref().map(crate::model::name::Name::as_str),
    })
}

fn dest(dest: &Dest) -> Value {
    json!({
        "weight": dest.weight.get(),
        "method": method(dest.method),
        "tunnel": match dest.method {
            ForwardingMethod::Tunnel(kind) => Some(tunnel(kind)),
            _ => None,
        },
        "upper_threshold": dest.thresholds.upper,
        "lower_threshold": dest.thresholds.lower,
    })
}

fn method(method: ForwardingMethod) -> String {
    match method {
        ForwardingMethod::Masquerade => "nat".to_owned(),
        ForwardingMethod::LocalNode => "local".to_owned(),
        ForwardingMethod::Tunnel(_) => "tun".to_owned(),
        ForwardingMethod::DirectRoute => "dr".to_owned(),
        ForwardingMethod::Bypass => "bypass".to_owned(),
        ForwardingMethod::Undefined(number) => number.to_string(),
    }
}

fn tunnel(tunnel: Tunnel) -> Value {
    match tunnel {
        Tunnel::Ipip => json!({"type": "ipip"}),
        Tunnel::Gue(port, checksum) => {
            let checksum = match checksum {
                TunnelChecksum::None => "none",
                TunnelChecksum::Full => "csum",
                TunnelChecksum::Remote => "remcsum",
            };
            json!({"type": "gue", "port": port, "checksum": checksum})
        }
        Tunnel::Gre { checksum } => {
            json!({"type": "gre", "checksum": if checksum { "csum" } else { "none" }})
        }
        Tunnel::Other { kind, port, flags } => {
            json!({"type": kind.to_string(), "port": port, "flags": flags})
        }
    }
}
