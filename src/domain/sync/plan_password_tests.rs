//! What a plan makes of passwords that were set anew in a directory.

use super::*;

#[test]
fn a_password_changed_in_owa_resets_the_clock() {
    let mut world = World::new();
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")])]);
    world.apply(&plan);
    let changed_at = now().minus(Duration::hours(1));
    let mut changed = seen(MailSystem::Ad, "an");
    changed.password_set_at = Some(changed_at);
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![changed])]);
    world.apply(&plan);
    assert_eq!(*world.known[0].account.state(), State::Active { password_set_at: changed_at });
}

#[test]
fn a_password_that_only_one_system_has_anew_is_told_until_both_agree() {
    let dated = |system, ago: i64| {
        let mut one = seen(system, "an");
        one.password_set_at = Some(now().minus(Duration::hours(ago)));
        snapshot(system, vec![one])
    };
    let obm_lags = |world: &World| {
        world.known[0].mailboxes.iter().any(|m| m.key.system == MailSystem::Obm && m.password_lags)
    };
    let mut world = World::new();
    for (ad, obm, lags) in [
        (900, 800, false),
        // changed in OWA, then in OBM too, then only in OBM, then in both between two reads
        (300, 800, true),
        (300, 200, false),
        (300, 100, true),
        (20, 10, true),
        (20, 5, false),
    ] {
        let both = [dated(MailSystem::Ad, ad), dated(MailSystem::Obm, obm)];
        let plan = world.plan(&both);
        world.apply(&plan);
        assert_eq!(obm_lags(&world), lags, "{ad}, {obm}");
        assert_eq!(world.plan(&both).steps, []);
    }
}

#[test]
fn an_entry_that_obm_makes_anew_brings_the_password_of_its_sql_back() {
    let (ad, obm) = (MailSystem::Ad, MailSystem::Obm);
    let anew = || {
        let mut one = seen(obm, "an");
        (one.key.native_id, one.password_set_at) = ("an-obm-2".to_owned(), Some(now()));
        snapshot(obm, vec![one])
    };
    for (systems, copy_is_old) in [(vec![obm], true), (vec![obm], false), (vec![ad, obm], true)] {
        let mut world = World::new();
        let all: Vec<_> = systems.iter().map(|system| snapshot(*system, vec![seen(*system, "an")])).collect();
        let plan = world.plan(&all);
        world.apply(&plan);
        for mailbox in &mut world.known[0].mailboxes {
            mailbox.copy_is_old = copy_is_old && mailbox.key.system == obm;
        }
        let mut all = all;
        *all.last_mut().expect("OBM") = anew();
        let plan = world.plan(&all);
        world.apply(&plan);
        let is_demanded = matches!(world.known[0].account.state(), State::MustChangePassword { .. });
        let lags = world.known[0].mailboxes.iter().any(|mailbox| mailbox.password_lags);
        // alone, the person must set another one; in both, AD has the word and OBM differs
        assert_eq!(is_demanded, copy_is_old && systems.len() == 1);
        assert_eq!(lags, systems.len() == 2);
        world.known[0].mailboxes.iter_mut().for_each(|mailbox| mailbox.copy_is_old = false);
        assert_eq!(world.plan(&all).steps, []);
    }
}
