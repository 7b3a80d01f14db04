//! First boots with real systemd and real cloud-init, most of them with something going wrong.
//!
//! In: what `bootseed render` prints, put on a machine whose network has the fault of a scenario.
//! Out: one test for each scenario and Debian release. Each theme is a file with a list,
//! `SCENARIOS`; a new scenario is a function there and its line in that list. Every scenario ends
//! a boot with [`verdict::ready`] or [`verdict::failed`], where what must always hold is checked.
//!
//! Machines wait now and then, so many boot side by side: `--test-threads` or [`SIDE_BY_SIDE`].

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod app;
mod basics;
mod conda;
mod copies;
mod datasources;
#[path = "../host/mod.rs"]
mod host;
mod https;
mod lint;
mod machine;
mod network;
mod power;
mod rehearsal;
mod roster;
mod settings;
mod site;
mod timing;
mod traps;
mod values;
mod verdict;
mod watch;
mod web;
mod world;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use machine::Suite;

/// How many scenarios run at the same time, unless the command line says otherwise. Two processors
/// are always busy then; with more scenarios each only waits longer.
const SIDE_BY_SIDE: usize = 10;

/// A first boot, and what must come of it.
struct Scenario {
    /// Its name, by which `cargo test --test boot NAME` finds it.
    name: &'static str,
    /// On which releases?
    suites: &'static [Suite],
    /// The story.
    run: fn(Suite),
}

impl Scenario {
    /// The machine of the course.
    const fn on_all(name: &'static str, run: fn(Suite)) -> Scenario {
        Scenario { name, suites: &Suite::ALL, run }
    }

    /// What machines are for, on those that they are made from today. Bullseye's end of support is
    /// past, and its boots take half as long again.
    const fn on_newer(name: &'static str, run: fn(Suite)) -> Scenario {
        let suites = &[Suite::Bookworm, Suite::Trixie, Suite::Sid, Suite::SidRust];
        Scenario { name, suites, run }
    }

    /// What depends on the versions of cloud-init and apt: the oldest and the newest of today.
    const fn on_edges(name: &'static str, run: fn(Suite)) -> Scenario {
        Scenario { name, suites: &[Suite::Bookworm, Suite::Sid], run }
    }

    /// What depends on the packages of a site: the releases with support, and the next one.
    const fn on_debians(name: &'static str, run: fn(Suite)) -> Scenario {
        Scenario { name, suites: &[Suite::Bookworm, Suite::Trixie, Suite::Sid], run }
    }

    const fn on_sid(name: &'static str, run: fn(Suite)) -> Scenario {
        Scenario { name, suites: &[Suite::Sid], run }
    }

    const fn on_bookworm(name: &'static str, run: fn(Suite)) -> Scenario {
        Scenario { name, suites: &[Suite::Bookworm], run }
    }
}

/// Those that take longest, the longest first: none of them may be what the others wait for.
const LONGEST: [&str; 16] = [
    "a_busy_site_is_restarted",
    "applications_that_cannot_be_had",
    "a_visitor_with_a_browser",
    "rehearsal_in_a_vm_with_little_memory",
    "port_80_is_taken_for_good",
    "a_copy_that_was_killed",
    "ten_cuts_at_random_moments",
    "the_network_is_away_for_half_an_hour",
    "cut_in_each_phase_of_conda",
    "package_lists_are_busy_for_a_minute",
    "create_hangs",
    "rehearsal_in_a_vm_that_is_ended",
    "dpkg_is_busy_for_a_minute",
    "conda_is_killed_in_each_phase",
    "names_come_late",
    "packages_are_unreachable_at_first",
];

const THEMES: [&[Scenario]; 18] = [
    lint::SCENARIOS,
    app::SCENARIOS,
    site::SCENARIOS,
    https::SCENARIOS,
    rehearsal::SCENARIOS,
    web::SCENARIOS,
    power::SCENARIOS,
    network::SCENARIOS,
    conda::SCENARIOS,
    timing::SCENARIOS,
    copies::SCENARIOS,
    traps::SCENARIOS,
    values::SCENARIOS,
    settings::SCENARIOS,
    datasources::SCENARIOS,
    basics::SCENARIOS,
    roster::SCENARIOS,
    watch::SCENARIOS,
];

fn trials() -> Vec<Trial> {
    let mut scenarios: Vec<_> = THEMES.iter().flat_map(|theme| theme.iter()).collect();
    let rank = |name: &str| LONGEST.iter().position(|long| *long == name).unwrap_or(LONGEST.len());
    scenarios.sort_by_key(|one| rank(one.name));
    assert!((0..LONGEST.len()).all(|n| rank(scenarios[n].name) == n), "one of them is no scenario");
    let runs =
        scenarios.into_iter().flat_map(|one| one.suites.iter().map(move |suite| (one, *suite)));
    runs.map(|(scenario, suite)| {
        let run = scenario.run;
        Trial::test(format!("{}_{suite}", scenario.name), move || {
            run(suite);
            Ok(())
        })
    })
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if !arguments.list && !machine::can_boot() {
        return ExitCode::SUCCESS;
    }
    machine::make_room();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let conclusion = libtest_mimic::run(&arguments, trials());
    world::clear();
    conclusion.exit_code()
}
