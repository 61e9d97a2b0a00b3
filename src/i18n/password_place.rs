//! Words about passwords that the house does not write.

words! {
    password_elsewhere(system: &str, place: &str): "Mật khẩu của {system} không đổi ở đây được. Hãy đổi ở: {place}. Mật khẩu mới ở đó có thể khác mật khẩu ở đây.",
        "The password of {system} cannot be changed here. Change it at: {place}. It may differ from the one here.";
    reset_elsewhere: "Mật khẩu của tài khoản này chỉ đổi được trong hệ thống thư, không đổi ở đây.",
        "The password of this account is changed in its mail system only, not here.";
}
