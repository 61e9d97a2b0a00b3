//! Words of the second password of a locked account, in OBM's SQL.

words! {
    second_replaced(moment: &str): "SQL: mật khẩu đã bị vô hiệu lúc {moment}.", "SQL: password made unusable at {moment}.";
    second_lock_waits: "SQL: đang chờ khóa.", "SQL: waiting to be locked.";
    second_unlock_waits: "SQL: đang chờ trả lại mật khẩu cũ.", "SQL: waiting to get its password back.";
}
