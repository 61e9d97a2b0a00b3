//! Words of the page on which an application is tested: a request of it, what a person would get, its addresses, its secret.

words! {
    test_title: "Thử ứng dụng", "Test the application";
    test_lead: "Ở đây chỉ xem điều gì sẽ xảy ra: không tạo, không cấp và không tiêu hao gì. Muốn chạy trọn một lần đăng nhập thật, có mật khẩu, hãy dùng dòng lệnh (client test).",
        "Nothing is created, issued or used up here: you only see what would happen. A whole real sign-in, with a password, is played on the command line (client test).";

    // A request.
    test_request: "Xem một yêu cầu đăng nhập", "Look at a request";
    test_request_lead: "Mở ứng dụng, bấm đăng nhập, rồi dán địa chỉ mà trình duyệt được chuyển đến (cả địa chỉ, hoặc chỉ phần sau dấu ?). Yêu cầu được đọc đúng như khi người dùng truy cập thật, cho đến bước đăng nhập; không xem phiên của ai.",
        "Open the application, press its sign-in, and paste the address to which the browser was sent (all of it, or what comes after the ?). It is read exactly as when somebody comes with it, up to the sign-in; nobody’s session is looked at.";
    test_request_limits: "request_uri đã gửi trước (PAR) chỉ được xem và sau đó vẫn dùng được; khóa và yêu cầu đã ký do ứng dụng công bố được tải về như thường lệ. Ở đây không thử được việc gửi trước (/par) và việc đổi mã lấy token.",
        "A pushed request_uri (PAR) is only looked at and stays usable; keys and request objects that the application publishes are fetched as always. The pushing itself (/par) and the exchange of the code cannot be tried here.";
    test_request_text: "Địa chỉ hoặc phần sau dấu ?", "The address, or what comes after the ?";
    test_request_do: "Xem yêu cầu", "Look at it";
    test_nothing_pasted: "Hãy dán một yêu cầu.", "Paste a request.";
    test_too_long: "Dài quá 8 kB. Hãy dán đúng một yêu cầu.", "It is longer than 8 kB. Paste one request.";
    test_no_query: "Không có tham số nào. Hãy dán cả địa chỉ, có phần sau dấu ?.", "There is no parameter in it. Paste the whole address, with what comes after the ?.";
    test_taken: "Yêu cầu được chấp nhận", "The request is taken";
    test_taken_says: "Trang đăng nhập sẽ hiện ra, hoặc người đã đăng nhập được chuyển tiếp ngay.", "The sign-in page would come, or whoever is signed in would be led on at once.";
    test_refused: "Yêu cầu bị từ chối", "The request is refused";
    test_goes_back: "Ứng dụng nhận lỗi này ở redirect_uri.", "The application is told so at its redirect_uri.";
    test_stays_here: "Người dùng thấy trang lỗi của hệ thống này; ứng dụng không nhận được gì.", "People see an error page of this house; the application hears nothing.";
    test_code: "Mã lỗi", "Error code";
    test_description: "Dành cho người phát triển ứng dụng", "For the developer";
    test_next: "Việc cần làm", "What to do";
    test_named_nobody: "Yêu cầu không có client_id.", "The request has no client_id.";
    test_named_several(number: &str): "client_id có {number} lần; chỉ được có một.", "client_id is given {number} times; once is allowed.";
    test_named_other(name: &str): "client_id là của ứng dụng khác: {name}.", "The client_id is another application’s: {name}.";
    test_named_unknown(client_id: &str): "Không có ứng dụng nào có client_id {client_id}.", "No application has the client_id {client_id}.";
    test_named_next(client_id: &str): "Đặt client_id của ứng dụng thành {client_id}. Phần còn lại của yêu cầu chưa được xem.",
        "Set the application’s client_id to {client_id}. The rest of the request was not looked at.";
    test_place_elsewhere: "Yêu cầu gửi đến nơi khác, không phải trang đăng nhập này", "The request is addressed elsewhere";
    test_place_next(address: &str): "Địa chỉ đúng: {address}. Nên để ứng dụng tự đọc từ discovery.", "The right address: {address}. Best let the application read it from discovery.";
    test_redirect: "redirect_uri không trùng với địa chỉ nào đã đăng ký", "The redirect_uri is none of the registered ones";
    test_redirect_next: "Sửa cấu hình ứng dụng cho trùng từng ký tự, hoặc thêm địa chỉ này vào đăng ký.", "Make the application’s configuration equal, character by character, or add the address to the registration.";
    test_redirect_none: "Ứng dụng chưa đăng ký địa chỉ nhận kết quả nào.", "The application has registered no address for answers.";
    test_registered: "Đã đăng ký", "Registered";
    test_asked: "Trong yêu cầu", "In the request";
    test_differs: "Khác ở", "They differ in";
    test_parameters: "Các tham số", "The parameters";
    test_parameter: "Tham số", "Parameter";
    test_value: "Giá trị", "Value";
    test_counts: "Cách xử lý", "Treatment";
    test_hidden: "(không hiện)", "(not shown)";
    test_heard: "Được xét", "Considered";
    test_inside: "Từ phần đã ký hoặc gửi trước", "From what is signed or was pushed";
    test_overruled: "Không xét: chỉ xét phần đã ký hoặc gửi trước", "Not considered: what is signed or was pushed is";
    test_ignored: "Không có ý nghĩa ở đây", "Means nothing here";
    test_unreadable: "Lặp lại hoặc không đọc được", "Given twice, or unreadable";
    test_empty: "Trống, coi như không có", "Empty, as if missing";
    test_secret_in_address: "Thông tin bí mật, không bao giờ được để trong địa chỉ", "A secret, which must never be in an address";
    test_secret_seen: "Trong yêu cầu có thông tin bí mật. Trình duyệt, proxy và nhật ký đã ghi nhận thông tin đó: hãy bỏ khỏi yêu cầu và cấp mã mới thay thế. Nội dung đã dán không được hiện lại.",
        "There is a secret in the request. Browser, proxies and logs have seen it: take it out, and make a new one. What was pasted is not shown again.";
    test_answer_to: "Kết quả gửi về", "The answer goes to";
    test_granted: "Quyền được cấp", "Scopes that are granted";
    test_remarks: "Nên biết", "Worth knowing";

    // A person.
    test_person: "Một người dùng sẽ nhận được gì", "What a person would get";
    test_person_lead: "Không ai đăng nhập và không có gì được cấp. Máy chủ thư được kiểm tra ở trang “Vì sao không đăng nhập được?”.",
        "Nobody signs in and nothing is issued. The mail servers are looked at on the page “Why can’t this person sign in?”.";
    test_person_who: "Địa chỉ thư hoặc tên đăng nhập ngắn", "Mail address or short name";
    test_person_do: "Xem", "Look";
    test_person_none: "Không có người nào như vậy trong phạm vi quản trị.", "There is no such person within your reach.";
    test_person_after: "Sau khi mật khẩu đúng", "After the right password";
    test_step_issue: "Vào thẳng ứng dụng; token được cấp.", "Straight into the application; tokens are issued.";
    test_step_consent: "Được hỏi có đồng ý chia sẻ thông tin không, rồi vào ứng dụng.", "Asked to agree that information is shared, then into the application.";
    test_step_factor(level: &str): "Phải xác thực thêm trước khi vào: {level}.", "Must prove more first: {level}.";
    test_step_enrol(level: &str): "Phải thiết lập trước khi vào: {level}. Hãy hướng dẫn người này thiết lập, hoặc hạ mức xác thực tối thiểu của ứng dụng.",
        "Must set up first: {level}. Help this person to do so, or lower the least that the application lets in.";
    test_step_password: "Phải đặt mật khẩu mới trước, rồi mới vào ứng dụng.", "Must set a new password first, then into the application.";
    test_step_not_admitted: "Không được vào: ứng dụng dành cho cơ quan hoặc nhóm khác. Hãy sửa đối tượng sử dụng trong đăng ký nếu người này cần vào.",
        "Not let in: the application is for other agencies or groups. Change in the registration whom it is for, if this person needs it.";
    test_step_locked: "Không đăng nhập được: tài khoản bị khóa hoặc đã thu hồi. Xem trang của tài khoản.", "Cannot sign in: the account is locked or withdrawn. Look at its page.";
    test_step_stopped: "Không ai vào được: ứng dụng đang tạm dừng.", "Nobody gets in: the application is stopped.";
    test_step_refused(code: &str): "Ứng dụng nhận lỗi {code}: không ai ở đây đạt được mức xác thực tối thiểu của ứng dụng. Hãy hạ mức đó trong đăng ký, hoặc bật bước xác thực thứ hai.",
        "The application gets {code}: nobody here can reach the least that it lets in. Lower it in the registration, or switch second factors on.";
    test_step_other: "Được hỏi muốn tiếp tục bằng tài khoản nào.", "Asked with which account to go on.";
    test_sub: "Mã định danh (sub)", "Identifier (sub)";
    test_sub_later: "Được tạo ở lần đăng nhập đầu tiên vào một ứng dụng có mã định danh riêng.", "Made at the first sign-in to an application with identifiers of its own.";
    test_userinfo: "UserInfo sẽ có", "UserInfo would have";
    test_userinfo_signed(alg: &str): "UserInfo được ký ({alg}).", "UserInfo is signed ({alg}).";
    test_id_token: "ID token sẽ có", "The ID token would have";
    test_id_token_always: "Luôn có thêm: iss, aud, iat, exp, auth_time, amr, acr, sid; nonce nếu yêu cầu có.", "Always beside it: iss, aud, iat, exp, auth_time, amr, acr, sid; nonce if the request has one.";
    test_id_token_bare: "Không có dữ liệu cá nhân: ứng dụng đọc từ UserInfo, hoặc bật “Dữ liệu nằm trong ID token” trong đăng ký.",
        "Nothing about the person: the application reads UserInfo, or “Put the data into the ID token” is switched on in the registration.";
    test_all_scopes(scopes: &str): "Nếu ứng dụng xin mọi quyền đã đăng ký: {scopes}.", "If it asks for all that it is registered for: {scopes}.";

    // Its addresses.
    test_addresses: "Các địa chỉ của ứng dụng", "Its addresses";
    test_addresses_lead: "Khóa được tải từ jwks_uri; với các địa chỉ khác, chỉ xem có tra được tên máy không và hệ thống này có được phép gọi không. Không gửi tin đăng xuất nào.",
        "Keys are fetched from jwks_uri; of the others it is only looked whether the name is known, and whether this house may ask it. No logout is sent.";
    test_addresses_do: "Kiểm tra địa chỉ", "Look at its addresses";
    test_keys: "Khóa công khai", "Public keys";
    test_keys_none: "Không đăng ký khóa nào; ứng dụng không ký gì.", "None are registered; it signs nothing.";
    test_keys_by_value: "Đăng ký trực tiếp (jwks)", "Registered by value (jwks)";
    test_keys_paced: "Địa chỉ mạng này đã yêu cầu tải quá nhiều lần; hãy thử lại sau một phút.", "Too much was fetched from this network address; try again in a minute.";
    test_keys_found(number: &str): "{number} khóa dùng được.", "{number} usable keys.";
    test_key(name: &str, algs: &str): "{name}: {algs}", "{name}: {algs}";
    test_key_nameless: "không có kid", "without kid";
    test_certificates(number: &str): "{number} chứng thư đi kèm.", "{number} certificates come with them.";
    test_keys_unfit(algs: &str): "Không khóa nào dùng được với thuật toán mà ứng dụng được phép dùng: {algs}. Hãy công bố một khóa như vậy, hoặc sửa thuật toán trong đăng ký.",
        "None of them fits an algorithm that the application may use: {algs}. Publish such a key, or change the registered algorithm.";
    test_unread_address: "Hệ thống này không được phép gọi địa chỉ đó: phải là https, và mạng phải nằm trong outbound.allow.", "This house may not ask it: https only, and only networks that outbound.allow names.";
    test_unread_silent(why: &str): "Không có trả lời ({why}). Hãy kiểm tra máy chủ, tường lửa và chứng thư TLS; CA riêng được khai ở outbound.extra_ca.",
        "No answer ({why}). Look at the server, the firewall and its TLS certificate; a CA of your own goes into outbound.extra_ca.";
    test_unread_status(status: &str): "Trả lời {status}; phải là 200, không chuyển hướng.", "It answered {status}; it must be 200, without a redirect.";
    test_unread_large: "Tài liệu quá lớn (trên 64 kB).", "The document is too large (over 64 kB).";
    test_unread_json: "Không phải JSON.", "It is no JSON.";
    test_unread_set: "Không phải bộ khóa: cần một đối tượng có mảng keys, tối đa 20 khóa (RFC 7517).", "It is no key set: an object with an array keys, of 20 at most (RFC 7517).";
    test_unread_private: "Có khóa bí mật hoặc khóa đối xứng trong đó. Chỉ công bố phần công khai, và thay ngay khóa đã lộ.", "It holds a private or symmetric key. Publish the public part only, and replace the one that is out.";
    test_unread_unusable: "Không có khóa nào kiểm tra được chữ ký RS256, PS256, ES256 hoặc EdDSA.", "It holds no key that can verify RS256, PS256, ES256 or EdDSA.";
    test_use_back: "Nhận tin đăng xuất (máy chủ gọi)", "Told of logouts (by the house)";
    test_use_front: "Nhận tin đăng xuất (trình duyệt gọi)", "Told of logouts (by the browser)";
    test_use_redirect: "Nhận kết quả (redirect_uri)", "Takes answers (redirect_uri)";
    test_use_goodbye: "Quay về sau khi đăng xuất", "After signing out";
    test_use_request: "Yêu cầu đã ký (request_uri)", "Signed requests (request_uri)";
    test_use_sector: "Danh sách của nhóm (sector_identifier_uri)", "List of its sector (sector_identifier_uri)";
    test_leads_open: "Tìm thấy; hệ thống này được phép gọi.", "Found, and this house may ask it.";
    test_leads_refused: "Hệ thống này không được phép gọi: phải là https, không có tên đăng nhập trong địa chỉ, và mạng phải nằm trong outbound.allow.",
        "This house may not ask it: https only, no user name in it, and only networks that outbound.allow names.";
    test_leads_closed: "Tên máy chỉ dẫn đến những mạng mà hệ thống này không được phép gọi. Nếu đúng là ứng dụng, hãy thêm mạng hoặc tên máy vào outbound.allow.",
        "The name leads only to networks that this house may not ask. Add the network or the host to outbound.allow if it is the application.";
    test_leads_unknown_asked: "Máy chủ này không tra được tên máy. Hãy kiểm tra DNS hoặc sửa địa chỉ.", "This server does not know the name. Look at the DNS, or correct the address.";
    test_leads_unknown: "Máy chủ này không tra được tên máy; máy của người dùng có thể tra được. Hãy kiểm tra nếu ứng dụng không mở được.",
        "This server does not know the name; people’s computers may. Look at it if the application does not open.";
    test_leads_known: "Tra được tên máy. Trình duyệt gọi địa chỉ này, nên quy tắc cho máy chủ không áp dụng.", "The name is known. The browser goes there, so the rules for the house do not matter.";
    test_leads_nameless: "Không có tên máy để tra; trình duyệt hoặc thiết bị mở địa chỉ này.", "It has no name to look up; the browser or the device opens it.";
    test_leads_late: "Chưa kịp kiểm tra. Hãy thử lại.", "There was no time for it. Try again.";
    test_addresses_more(number: &str): "Còn {number} địa chỉ chưa kiểm tra.", "{number} more were not looked at.";
    test_addresses_empty: "Ngoài khóa, ứng dụng không đăng ký địa chỉ nào.", "It has registered no address beside its keys.";
    test_good: "Tốt", "Good";
    test_wrong: "Sai", "Wrong";
    test_look: "Xem lại", "To look at";

    // Its secret.
    test_secret: "Mã bí mật có đúng không?", "Does this secret fit?";
    test_secret_lead: "Mã được so sánh như ở token endpoint; không lưu, không ghi nhật ký, không hiện lại.", "It is compared as at the token endpoint; it is not kept, logged or shown again.";
    test_secret_field: "Mã bí mật", "The secret";
    test_secret_do: "So sánh", "Compare";
    test_secret_fits: "Đúng mã bí mật hiện tại.", "It is the present secret.";
    test_secret_before(until: &str): "Đúng mã bí mật trước; mã này chỉ còn dùng được đến {until}. Hãy chuyển ứng dụng sang mã mới.", "It is the secret before, which is good until {until}. Move the application to the new one.";
    test_secret_wrong: "Không đúng. Hãy kiểm tra khoảng trắng thừa, hoặc cấp mã mới ở trang sửa đăng ký.", "It does not fit. Look for stray spaces, or make a new one where the registration is changed.";
    test_secret_wait(until: &str): "Đã nhập sai quá nhiều lần; hãy đợi đến {until}.", "Too many were wrong; wait until {until}.";
    test_secret_missing: "Hãy nhập mã bí mật.", "Type the secret.";
}
