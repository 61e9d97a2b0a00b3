use super::*;

mod authority {
    use super::*;
    use crate::domain::sync::{Authority, Order};

    fn table(attribute: Attribute, order: Order) -> Authority {
        Authority::default().with(attribute, order).expect("an order of this attribute")
    }

    /// An in both directories, which say different things.
    fn two_words() -> [Snapshot; 2] {
        let mut ad = seen(MailSystem::Ad, "an");
        ad.display_name = "Nguyễn Văn An".to_owned();
        ad.agency = Some(SeenAgency { code: None, name: "Sở Y tế".to_owned() });
        ad.aliases = vec![address("an.ad")];
        let mut obm = seen(MailSystem::Obm, "an");
        obm.display_name = "Nguyễn Văn An (Sở)".to_owned();
        obm.title = Some("Chuyên viên".to_owned());
        obm.aliases = vec![address("an.obm")];
        [snapshot(MailSystem::Ad, vec![ad]), snapshot(MailSystem::Obm, vec![obm])]
    }

    #[test]
    fn the_first_directory_that_says_something_has_the_word() {
        let mut world = World::new();
        let plan = world.plan(&two_words());
        world.apply(&plan);
        let profile = world.known[0].account.profile();
        assert_eq!(profile.display_name, "Nguyễn Văn An");
        assert_eq!(profile.title.as_deref(), Some("Chuyên viên"), "AD says nothing of the post");
        assert_eq!(world.known[0].aliases, [address("an.ad"), address("an.obm")]);

        world.rulings.authority = table(Attribute::Name, Order::ObmFirst);
        let plan = world.plan(&two_words());
        assert_eq!(told(&world, &plan), ["update an@danang.example name:Nguyễn Văn An>Nguyễn Văn An (Sở)"]);
        world.rulings.authority = table(Attribute::Agency, Order::ObmFirst);
        let plan = world.plan(&two_words());
        assert_eq!(told(&world, &plan), ["move an@danang.example agency:so-y-te>so-noi-vu"]);
        world.rulings.authority = table(Attribute::Title, Order::ObmFirst);
        assert_eq!(world.plan(&two_words()).steps, [], "AD says nothing in either case");
        world.rulings.authority = table(Attribute::Aliases, Order::ObmFirst);
        let plan = world.plan(&two_words());
        let lost = "update an@danang.example aliases:an.ad@danang.example, an.obm@danang.example>an.obm@danang.example";
        assert_eq!(told(&world, &plan), [lost]);
    }

    #[test]
    fn the_address_of_every_mailbox_stays_one_of_its_holder() {
        let mut world = World::new();
        let ad = snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")]);
        let both = [ad.clone(), snapshot(MailSystem::Obm, vec![seen(MailSystem::Obm, "an")])];
        let plan = world.plan(&both);
        world.apply(&plan);
        let mut obm = seen(MailSystem::Obm, "an");
        obm.address = address("an.nguyen");
        let both = [ad, snapshot(MailSystem::Obm, vec![obm])];
        for (order, main, alias) in
            [(Order::AdFirst, "an", "an.nguyen"), (Order::ObmFirst, "an.nguyen", "an")]
        {
            let narrow = table(Attribute::Address, order).with(Attribute::Aliases, Order::AdFirst);
            world.rulings.authority = narrow.expect("an order of this attribute");
            let plan = world.plan(&both);
            world.apply(&plan);
            assert_eq!(world.known[0].account.profile().address, address(main), "{order:?}");
            assert_eq!(world.known[0].aliases, [address(alias)], "{order:?}");
            assert_eq!(world.plan(&both).steps, [], "{order:?}");
        }
        assert_eq!(world.known.len(), 1);
    }

    #[test]
    fn a_directory_that_was_not_read_keeps_its_word() {
        let mut world = World::new();
        world.rulings.authority = table(Attribute::Name, Order::ObmFirst);
        let [ad, obm] = two_words();
        let plan = world.plan(&[ad.clone(), obm.clone()]);
        world.apply(&plan);
        assert_eq!(world.plan(std::slice::from_ref(&ad)).steps, [], "nothing is known of what OBM holds");
        world.known[0].unread = obm.mailboxes;
        assert_eq!(world.plan(std::slice::from_ref(&ad)).steps, []);
        let mut newer = ad;
        newer.mailboxes[0].display_name = "Tên khác".to_owned();
        newer.mailboxes[0].title = Some("Trưởng phòng".to_owned());
        let plan = world.plan(&[newer]);
        assert_eq!(told(&world, &plan), ["update an@danang.example title:Chuyên viên>Trưởng phòng"]);
    }

    fn any_table() -> impl Strategy<Value = Authority> {
        proptest::collection::vec(0..3usize, Attribute::ALL.len()).prop_map(|picks| {
            let picked = Attribute::ALL.iter().zip(picks);
            picked.fold(Authority::default(), |table, (attribute, pick)| {
                let orders = attribute.orders();
                table.with(*attribute, orders[pick % orders.len()]).expect("an order of this attribute")
            })
        })
    }

    proptest! {
        #[test]
        fn whatever_the_table_says_a_second_plan_is_empty(
            rounds in proptest::collection::vec((any_snapshots(), any_table()), 1..4)
        ) {
            let mut world = World::new();
            for (snapshots, table) in rounds {
                world.rulings.authority = table;
                let plan = world.plan(&snapshots);
                world.apply(&plan);
                let again = world.plan(&snapshots);
                prop_assert_eq!(&again.steps, &vec![], "after {:?}", plan);
            }
        }

        #[test]
        fn a_change_of_the_table_that_is_undone_gives_the_plan_of_before(
            before in any_snapshots(), after in any_snapshots(), table in any_table()
        ) {
            let mut world = World::new();
            let plan = world.plan(&before);
            world.apply(&plan);
            let plan = world.plan(&after);
            world.rulings.authority = table;
            world.plan(&after);
            world.rulings.authority = Authority::default();
            prop_assert_eq!(world.plan(&after), plan);
        }
    }
}

mod pairs {
    use super::*;
    use crate::domain::id::DecisionId;
    use crate::domain::sync::{Decision, Pairs, Verdict, id_of};

    fn decision(
        number: i64,
        verdict: Verdict,
        seen: &SeenMailbox,
        (account, former): (AccountId, Option<AccountId>),
    ) -> Decision {
        Decision {
            id: DecisionId::new(Timestamp::from_seconds(number), &Counting(AtomicU64::new(0))),
            verdict,
            finding: format!("finding {number}"),
            subject: String::new(),
            mailbox: Some(id_of(&seen.key)),
            account: Some(account),
            former,
            undoes: None,
            at: now(),
            by: String::new(),
            why: String::new(),
        }
    }

    fn undo(number: i64, undone: &Decision) -> Decision {
        let id = DecisionId::new(Timestamp::from_seconds(number), &Counting(AtomicU64::new(0)));
        Decision { id, verdict: Verdict::Undo, undoes: Some(undone.id), ..undone.clone() }
    }

    fn holder(world: &World, seen: &SeenMailbox) -> Option<AccountId> {
        let has = |known: &&Known| known.mailboxes.iter().any(|m| m.key == seen.key);
        let all: Vec<_> = world.known.iter().filter(has).collect();
        assert!(all.len() < 2, "no mailbox is two accounts'");
        all.first().map(|known| known.account.id())
    }

    fn run(world: &mut World, snapshots: &[Snapshot]) -> Plan {
        let plan = world.plan(snapshots);
        world.apply(&plan);
        assert_eq!(world.plan(snapshots).steps, [], "a second plan is empty");
        plan
    }

    #[test]
    fn two_mailboxes_that_are_one_person_become_one_account_and_come_apart_again() {
        let (ad, obm) = (seen(MailSystem::Ad, "an"), seen(MailSystem::Obm, "an.nguyen"));
        let both = [snapshot(MailSystem::Ad, vec![ad.clone()]), snapshot(MailSystem::Obm, vec![obm.clone()])];
        let mut world = World::new();
        run(&mut world, &both);
        let (one, other) = (holder(&world, &ad).expect("a holder"), holder(&world, &obm).expect("a holder"));
        let link = decision(1, Verdict::OnePerson, &obm, (one, Some(other)));
        world.rulings.pairs = Pairs::of(std::slice::from_ref(&link));
        let plan = world.plan(&both);
        assert_eq!(plan.vanishing, 0, "nothing is gone from a directory");
        assert_eq!(
            told(&world, &plan),
            [
                "gone an.nguyen@danang.example state:active>gone_from_directory",
                "detach an.nguyen@danang.example login:an.nguyen>",
                "attach an@danang.example login:>an.nguyen",
            ]
        );
        run(&mut world, &both);
        assert_eq!(holder(&world, &obm), Some(one));
        world.rulings.pairs = Pairs::of(&[link.clone(), undo(2, &link)]);
        run(&mut world, &both);
        assert_eq!(holder(&world, &obm), Some(other), "whoever had it has it again");
        let state = world.known.iter().find(|k| k.account.id() == other).map(|k| *k.account.state());
        assert!(matches!(state, Some(State::Active { .. })));
    }

    #[test]
    fn two_persons_on_one_address_are_one_account_and_one_entry_set_aside_until_its_address_changes() {
        let (ad, mut obm) = (seen(MailSystem::Ad, "an"), seen(MailSystem::Obm, "an"));
        let mut both =
            [snapshot(MailSystem::Ad, vec![ad.clone()]), snapshot(MailSystem::Obm, vec![obm.clone()])];
        let mut world = World::new();
        run(&mut world, &both);
        let one = holder(&world, &ad).expect("a holder");
        let apart = decision(1, Verdict::TwoPersons, &obm, (one, Some(one)));
        world.rulings.pairs = Pairs::of(std::slice::from_ref(&apart));
        let plan = run(&mut world, &both);
        assert_eq!((holder(&world, &ad), holder(&world, &obm)), (Some(one), None));
        assert_eq!(plan.passed_over.len(), 1, "{:?}", plan.passed_over);
        obm.address = address("an.tran");
        both[1].mailboxes = vec![obm.clone()];
        run(&mut world, &both);
        assert_ne!(holder(&world, &obm).expect("an account of its own"), one);

        world = World::new();
        both[1].mailboxes = vec![seen(MailSystem::Obm, "an")];
        run(&mut world, &both);
        let before = world.known.len();
        let one = holder(&world, &ad).expect("a holder");
        let apart = decision(1, Verdict::TwoPersons, &both[1].mailboxes[0], (one, Some(one)));
        world.rulings.pairs = Pairs::of(std::slice::from_ref(&apart));
        run(&mut world, &both);
        world.rulings.pairs = Pairs::of(&[apart.clone(), undo(2, &apart)]);
        run(&mut world, &both);
        assert_eq!(holder(&world, &both[1].mailboxes[0]), Some(one), "matched by the address again");
        assert_eq!(world.known.len(), before);
    }

    proptest! {
        #[test]
        fn deciding_and_undoing_gives_the_plan_of_before(
            before in any_snapshots(), after in any_snapshots(), apart in any::<bool>(), pick in (0..64usize, 0..64usize)
        ) {
            let mut world = World::new();
            let plan = world.plan(&before);
            world.apply(&plan);
            let plan = world.plan(&after);
            let boxes: Vec<_> = after.iter().flat_map(|snapshot| &snapshot.mailboxes).collect();
            prop_assume!(!boxes.is_empty() && !world.known.is_empty());
            let seen = boxes[pick.0 % boxes.len()];
            let account = world.known[pick.1 % world.known.len()].account.id();
            let verdict = if apart { Verdict::TwoPersons } else { Verdict::OnePerson };
            let made = decision(1, verdict, seen, (account, holder(&world, seen)));
            world.rulings.pairs = Pairs::of(&[made.clone(), undo(2, &made)]);
            prop_assert_eq!(world.plan(&after), plan);
        }

        #[test]
        fn whatever_was_decided_a_second_plan_is_empty_and_no_mailbox_is_two_accounts(
            rounds in proptest::collection::vec(any_snapshots(), 1..4),
            picks in proptest::collection::vec((0..64usize, 0..64usize, any::<bool>()), 0..4),
        ) {
            let mut world = World::new();
            let first = world.plan(&rounds[0]);
            world.apply(&first);
            let boxes: Vec<_> = rounds.iter().flatten().flat_map(|s| s.mailboxes.clone()).collect();
            let mut made = Vec::new();
            if !boxes.is_empty() && !world.known.is_empty() {
                for (number, (seen, account, apart)) in (1i64..).zip(picks) {
                    let seen = &boxes[seen % boxes.len()];
                    let account = world.known[account % world.known.len()].account.id();
                    let verdict = if apart { Verdict::TwoPersons } else { Verdict::OnePerson };
                    made.push(decision(number, verdict, seen, (account, None)));
                }
            }
            world.rulings.pairs = Pairs::of(&made);
            for snapshots in rounds {
                let plan = world.plan(&snapshots);
                world.apply(&plan);
                let again = world.plan(&snapshots);
                prop_assert_eq!(&again.steps, &vec![], "after {:?}", plan);
                for seen in &boxes {
                    holder(&world, seen);
                }
            }
        }
    }
}

mod mappings {
    use super::*;
    use crate::domain::id::MappingId;
    use crate::domain::reorganisation::Former;
    use crate::domain::sync::{AgencyMap, MappedBy, Mapping, agency_sources};

    fn named(system: MailSystem, local: &str, code: Option<&str>, name: &str) -> SeenMailbox {
        let agency = Some(SeenAgency { code: code.map(str::to_owned), name: name.to_owned() });
        SeenMailbox { agency, ..seen(system, local) }
    }

    fn mapping(key: &str, agency: Option<AgencyId>) -> Mapping {
        Mapping {
            id: MappingId::new(now(), &Counting(AtomicU64::new(0))),
            key: (MailSystem::Obm, key.to_owned()),
            agency,
            at: now(),
            by: String::new(),
            why: String::new(),
        }
    }

    #[test]
    fn a_text_means_the_agency_that_was_decided_on_and_makes_none_of_its_own() {
        let both = [
            snapshot(MailSystem::Ad, vec![named(MailSystem::Ad, "an", Some("so-nv"), "Sở Nội vụ")]),
            snapshot(MailSystem::Obm, vec![named(MailSystem::Obm, "binh", None, "SNV - Văn phòng")]),
        ];
        let mut world = World::new();
        let plan = world.plan(&both);
        world.apply(&plan);
        let sources = agency_sources(&both, &world.agencies, &world.rulings.agencies);
        let told: Vec<_> = sources.iter().map(|s| (s.text.as_str(), s.number, s.by)).collect();
        assert_eq!(told, [("SNV - Văn phòng", 1, MappedBy::Nobody), ("Sở Nội vụ", 1, MappedBy::Itself)]);

        let office = world.agencies.iter().find(|agency| agency.code == "so-nv").map(|agency| agency.id);
        let key = &sources[0].key.1;
        let made = [mapping(key, office), mapping(key, None)];
        world.rulings.agencies = AgencyMap::of(&made[..1], &world.agencies);
        let plan = world.plan(&both);
        assert_eq!(super::told(&world, &plan), ["move binh@danang.example agency:snv-van-phong>so-nv"]);
        let sources = agency_sources(&both, &world.agencies, &world.rulings.agencies);
        assert!(sources.iter().any(|s| s.by == MappedBy::Decision && s.agency.as_deref() == Some("so-nv")));
        let fresh = World { rulings: world.rulings.clone(), ..World::new() };
        let made_of_it = fresh.plan(&both).steps.iter().filter(|s| matches!(s, Step::Agency { .. })).count();
        assert_eq!(made_of_it, 1, "only the one that is named by its code");

        world.rulings.agencies = AgencyMap::of(&made, &world.agencies);
        assert_eq!(world.plan(&both).steps, [], "taken back: the plan of before");
    }

    #[test]
    fn what_was_renamed_merged_or_split_is_followed_whatever_the_directories_still_write() {
        let both = [
            snapshot(
                MailSystem::Ad,
                vec![
                    named(MailSystem::Ad, "an", Some("so-nv"), "Sở Nội vụ"),
                    named(MailSystem::Ad, "binh", Some("so-tc"), "Sở Tài chính"),
                    named(MailSystem::Ad, "chi", Some("so-nv"), "Sở Nội vụ"),
                ],
            ),
            snapshot(MailSystem::Obm, vec![named(MailSystem::Obm, "dung", None, "Sở Nội vụ")]),
        ];
        let mut world = World::new();
        let plan = world.plan(&both);
        world.apply(&plan);
        let at =
            |world: &World, code: &str| world.agencies.iter().position(|a| a.code == code).expect("there");
        let of = |world: &World, local: &str| {
            let found = world.known.iter().find(|k| k.account.profile().address == address(local));
            let id = found.and_then(|known| known.account.profile().agency_id);
            world.agencies.iter().find(|agency| Some(agency.id) == id).map(|agency| agency.code.clone())
        };
        // Renamed.
        let nv = at(&world, "so-nv");
        let former =
            Former {
                agency: world.agencies[nv].id, code: "so-nv".to_owned(), name: "Sở Nội vụ".to_owned()
            };
        world.agencies[nv].code = "so-nvld".to_owned();
        world.agencies[nv].name = "Sở Nội vụ và Lao động".to_owned();
        let formers = [former];
        let follow =
            |world: &World, moves: &[_]| AgencyMap::default().following(&world.agencies, &formers, moves);
        assert_ne!(world.plan(&both).steps, [], "without it they would go to an agency of the old name");
        world.rulings.agencies = follow(&world, &[]);
        assert_eq!(world.plan(&both).steps, []);
        // Split: somebody goes to so-tc, whatever the directory says.
        let chi = world.known.iter().find(|k| k.account.profile().address == address("chi")).expect("there");
        let moves = [(chi.account.id(), world.agencies[nv].id, world.agencies[at(&world, "so-tc")].id)];
        world.rulings.agencies = follow(&world, &moves);
        let plan = world.plan(&both);
        world.apply(&plan);
        let told = |world: &World| ["an", "chi", "dung"].map(|local| of(world, local).unwrap_or_default());
        assert_eq!(told(&world), ["so-nvld", "so-tc", "so-nvld"]);
        assert_eq!(world.plan(&both).steps, []);
        // Merged: everybody of so-tc becomes part of the other one.
        let tc = at(&world, "so-tc");
        world.agencies[tc].merged_into = Some(world.agencies[nv].id);
        world.rulings.agencies = follow(&world, &moves);
        let plan = world.plan(&both);
        world.apply(&plan);
        assert_eq!(of(&world, "binh").as_deref(), Some("so-nvld"));
        assert_eq!(told(&world), ["so-nvld"; 3]);
        assert_eq!(world.plan(&both).steps, []);
    }

    #[test]
    fn splits_and_merges_are_followed_one_after_the_other_in_whichever_order_they_came_about() {
        let codes = ["so-x", "so-t", "so-c", "so-u"];
        let boxes = codes.map(|code| named(MailSystem::Ad, code, Some(code), code));
        let mut world = World::new();
        let plan = world.plan(&[snapshot(MailSystem::Ad, boxes.to_vec())]);
        world.apply(&plan);
        let agency = |code: &str| world.agencies.iter().find(|one| one.code == code).expect("there").id;
        let [x, t, c, u] = codes.map(agency);
        let (an, other) = (world.known[0].account.id(), world.known[1].account.id());
        let end = |joined: &[(AgencyId, AgencyId)], left: &[(AgencyId, AgencyId)], account: AccountId| {
            let mut all = world.agencies.clone();
            for one in &mut all {
                one.merged_into = joined.iter().find(|(from, _)| *from == one.id).map(|(_, to)| *to);
            }
            let moves: Vec<_> = left.iter().map(|(from, to)| (an, *from, *to)).collect();
            AgencyMap::default().following(&all, &[], &moves).now(Some(account), "so-x").to_owned()
        };
        assert_eq!(end(&[(x, t)], &[(t, c)], an), "so-c", "merged, then split off");
        assert_eq!(end(&[(x, t)], &[(t, c)], other), "so-t");
        assert_eq!(end(&[], &[(x, t), (t, c)], an), "so-c", "split off twice");
        assert_eq!(end(&[(t, c)], &[(x, t)], an), "so-c", "split off, then merged");
        assert_eq!(end(&[(x, t), (t, u)], &[(t, c)], an), "so-c", "what is left was merged on");
        assert_eq!(end(&[(x, u)], &[(x, c)], an), "so-c", "what is left was merged elsewhere");
        assert_eq!(end(&[(c, x)], &[(x, c)], an), "so-x", "back again");
        assert_eq!(end(&[(c, x), (x, t)], &[(x, c)], an), "so-t", "back again and merged");
        assert!(codes.contains(&end(&[(x, t), (t, x)], &[], an).as_str()), "a circle ends");
    }

    proptest! {
        #[test]
        fn whatever_the_texts_mean_a_second_plan_is_empty_and_taking_it_back_gives_the_plan_of_before(
            before in any_snapshots(), after in any_snapshots(), text in 1..3u8, pick in 0..8usize
        ) {
            let mut world = World::new();
            let plan = world.plan(&before);
            world.apply(&plan);
            prop_assume!(!world.agencies.is_empty());
            let plan = world.plan(&after);
            let agency = Some(world.agencies[pick % world.agencies.len()].id);
            let key = format!("so so {text}");
            let made = [mapping(&key, agency), mapping(&key, None)];
            world.rulings.agencies = AgencyMap::of(&made, &world.agencies);
            prop_assert_eq!(world.plan(&after), plan);
            world.rulings.agencies = AgencyMap::of(&made[..1], &world.agencies);
            let mapped = world.plan(&after);
            world.apply(&mapped);
            prop_assert_eq!(&world.plan(&after).steps, &vec![], "after {:?}", mapped);
        }
    }
}
