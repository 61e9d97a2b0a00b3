//! Words of the second password of a locked account, in OBM's SQL.

words! {
    second_replaced(moment: &str): "SQL: mật khẩu đã bị vô hiệu lúc {moment}.", "SQL: password made unusable at {moment}.";
    second_lock_waits: "SQL: đang chờ khóa.", "SQL: waiting to be locked.";
    second_unlock_waits: "SQL: đang chờ trả lại mật khẩu cũ.", "SQL: waiting to get its password back.";
    copy_waits: "SQL: mật khẩu mới đang chờ được ghi, hiện vẫn là mật khẩu trước.", "SQL: the new password waits to be written; it still has the former one.";
    copy_waits_note(system: &str): "Trang web của {system} tạm thời còn nhận mật khẩu trước. Hệ thống sẽ tự cập nhật, Ông/Bà không cần làm gì.",
        "The web page of {system} still takes the former password for a while. It is brought up to date by itself; nothing is needed from you.";
}
