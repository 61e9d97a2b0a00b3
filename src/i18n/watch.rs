//! Words of what is watched of the mailboxes: forwarding, quota, size of messages, last use.

use super::Lang;
use crate::domain::mailbox::MailSystem;
use crate::domain::watch::{Cap, ForwardSource, WatchList};

words! {
    watch_menu: "Hộp thư", "Mailboxes";
    watch_title: "Rà soát hộp thư", "Mailboxes to look at";
    watch_lead: "Theo lần đồng bộ gần nhất với các hệ thống thư.", "As the mail systems were at the last synchronisation.";
    watch_list: "Danh sách", "List";
    watch_forwards: "Chuyển thư tự động ra ngoài", "Forwarding out of the city";
    watch_quota: "Dung lượng khác 2 GB", "Quota other than 2 GB";
    watch_message: "Giới hạn thư khác 20 MB", "Message limit other than 20 MB";
    watch_unused(days: &str): "Không dùng hơn {days} ngày", "Not used for more than {days} days";
    watch_never: "Chưa từng dùng", "Never used";
    watch_only(system: &str): "Chỉ có ở {system}", "In {system} only";
    watch_forwards_says: "Quy chế không cho chuyển thư công vụ tự động ra ngoài. Quy tắc do từng người đặt trong hộp thư (Inbox rules, Sieve) không thể thấy từ đây. Chuyển tiếp trong OBM chỉ được đọc khi có kết nối SQL của OBM.",
        "The regulation does not let official mail be forwarded automatically to the outside. Rules that people keep in the mailbox itself (inbox rules, Sieve) cannot be seen from here. Forwarding in OBM is read only where OBM's SQL is connected.";
    watch_quota_says: "Quy chế cấp cho mỗi hộp thư 2 GB. Chỉ liệt kê hộp thư có dung lượng riêng; dung lượng chung của cơ sở dữ liệu thư Exchange không thể thấy từ đây.",
        "The regulation gives each mailbox 2 GB. Listed are mailboxes with a quota of their own; what Exchange's mailbox database sets for all cannot be seen from here.";
    watch_message_says: "Tập tin đính kèm tối đa 20 MB: giới hạn của thư từ 20 đến 28 MB là đúng, vì tập tin lớn thêm khi gửi. Giới hạn chung của máy chủ thư không thể thấy từ đây.",
        "Attachments are at most 20 MB: a limit between 20 and 28 MB for the message is right, because files grow when they are sent. Limits of the mail servers cannot be seen from here.";
    watch_unused_says: "Lần dùng gần nhất ở hệ thống thư hoặc ở đây. Ngày của Active Directory có thể chậm đến hai tuần; OBM chỉ cho biết khi có kết nối SQL.",
        "The last use of the mail system, or here. Active Directory's date may be two weeks behind; OBM tells one only where its SQL is connected.";
    watch_only_says: "Tài khoản chỉ có hộp thư ở một trong hai hệ thống thư.", "Accounts with a mailbox in one of the two mail systems only.";
    watch_by_agency: "Theo cơ quan", "By agency";
    watch_number: "Số dòng", "Lines";
    watch_export: "Tải CSV", "Download CSV";
    watch_none: "Không có dòng nào.", "There is nothing in this list.";
    watch_first_page: "Về đầu danh sách", "Back to the beginning";
    watch_address: "Địa chỉ thư", "Mail address";
    watch_to: "Chuyển đến", "Forwarded to";
    watch_since: "Thấy từ", "Seen since";
    watch_value: "Giá trị", "Value";
    watch_used_at: "Dùng lần cuối", "Last used";
    watch_system: "Hệ thống", "System";
    watch_copy_kept: "giữ bản sao", "a copy is kept";
    watch_no_copy: "không giữ bản sao", "no copy is kept";
    watch_unlimited: "không giới hạn", "no limit";
    watch_by_administrator: "quản trị viên Exchange đặt", "set by an administrator of Exchange";
    watch_by_holder: "người dùng đặt trong Exchange", "set by the holder in Exchange";
    watch_elsewhere: "toàn bộ thư được giao nơi khác", "all mail is delivered elsewhere";
    watch_nomade: "người dùng đặt trong OBM", "set by the holder in OBM";
    watch_forwards_to(system: &str, address: &str, day: &str): "Chuyển thư tự động từ {system} đến {address}, thấy từ {day}", "Forwarding from {system} to {address}, seen since {day}";
    watch_outside: "ra ngoài", "to the outside";
    act_forward_appeared(who: &str, what: &str): "{who} thấy thư được chuyển tự động ra ngoài ({what}).", "{who} found mail forwarded to the outside ({what}).";
}

impl Lang {
    /// The name of a list.
    pub fn watch_list_name(self, list: WatchList) -> String {
        match list {
            WatchList::Forwards => self.watch_forwards().to_owned(),
            WatchList::Quota => self.watch_quota().to_owned(),
            WatchList::Message => self.watch_message().to_owned(),
            WatchList::Unused(days) => self.watch_unused(&days.to_string()),
            WatchList::Never => self.watch_never().to_owned(),
            WatchList::Only(system) => self.watch_only(system.product()),
        }
    }

    /// What a list tells, and what it cannot.
    pub const fn watch_list_says(self, list: WatchList) -> &'static str {
        match list {
            WatchList::Forwards => self.watch_forwards_says(),
            WatchList::Quota => self.watch_quota_says(),
            WatchList::Message => self.watch_message_says(),
            WatchList::Unused(_) | WatchList::Never => self.watch_unused_says(),
            WatchList::Only(MailSystem::Ad | MailSystem::Obm) => self.watch_only_says(),
        }
    }

    /// How forwarding came to be.
    pub const fn forward_source(self, source: ForwardSource) -> &'static str {
        match source {
            ForwardSource::Administrator => self.watch_by_administrator(),
            ForwardSource::Holder => self.watch_by_holder(),
            ForwardSource::Elsewhere => self.watch_elsewhere(),
            ForwardSource::Nomade => self.watch_nomade(),
        }
    }

    /// A limit in MB, rounded down; small ones in KB.
    pub fn cap(self, cap: Cap) -> String {
        match cap {
            Cap::Unlimited => self.watch_unlimited().to_owned(),
            Cap::Kib(kib @ 0..1024) => format!("{kib} KB"),
            Cap::Kib(kib) => format!("{} MB", self.number(kib.unsigned_abs() / 1024)),
        }
    }
}
