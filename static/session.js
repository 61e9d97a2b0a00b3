// OIDC Session Management 1.0 section 3.2: tells an application whether its session state is still this browser's.
(function () {
  "use strict";

  function primes(wanted, power) {
    var found = [], candidate = 2;
    for (; found.length < wanted; candidate += 1) {
      var prime = found.every(function (one) { return candidate % one.prime !== 0; });
      if (prime) {
        var root = Math.pow(candidate, power);
        found.push({ prime: candidate, bits: (root - Math.floor(root)) * 4294967296 | 0 });
      }
    }
    return found.map(function (one) { return one.bits; });
  }

  var start = primes(8, 1 / 2), rounds = primes(64, 1 / 3);

  function turn(value, by) { return value >>> by | value << (32 - by); }

  /** SHA-256 of ASCII in hexadecimal (FIPS 180-4). */
  function sha256(text) {
    var words = [], bits = text.length * 8, state = start.slice(), at, i;
    for (i = 0; i < text.length; i += 1) { words[i >> 2] |= text.charCodeAt(i) << (24 - i % 4 * 8); }
    words[bits >> 5] |= 128 << (24 - bits % 32);
    words[(bits + 64 >> 9 << 4) + 15] = bits;
    for (at = 0; at < words.length; at += 16) {
      var w = [], s = state.slice();
      for (i = 0; i < 64; i += 1) {
        if (i < 16) {
          w[i] = words[at + i] | 0;
        } else {
          var x = w[i - 15], y = w[i - 2];
          w[i] = (turn(x, 7) ^ turn(x, 18) ^ x >>> 3) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ y >>> 10) + w[i - 16] | 0;
        }
        var one = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + (s[4] & s[5] ^ ~s[4] & s[6]) + rounds[i] + w[i];
        var two = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + (s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]);
        s = [one + two | 0, s[0], s[1], s[2], s[3] + one | 0, s[4], s[5], s[6]];
      }
      state = state.map(function (value, index) { return value + s[index] | 0; });
    }
    return state.map(function (value) { return ("0000000" + (value >>> 0).toString(16)).slice(-8); }).join("");
  }

  function browserState() {
    var found = /(?:^|; )dsso-state=([^;]*)/.exec(document.cookie);
    return found ? found[1] : "";
  }

  function judge(message, origin) {
    var parts = typeof message === "string" ? message.split(" ") : [];
    var salt = parts.length === 2 ? parts[1].split(".")[1] : "";
    if (!parts[0] || !salt || /[^ -~]/.test(message)) { return "error"; }
    var hash = sha256(parts[0] + " " + origin + " " + browserState() + " " + salt);
    return hash + "." + salt === parts[1] ? "unchanged" : "changed";
  }

  var asked = 0;

  /** A session may have ended elsewhere: the house is asked now and then, and renews the cookie. */
  function lookAround() {
    var now = new Date().getTime();
    if (now - asked < 30000 || !browserState()) { return; }
    asked = now;
    var request = new XMLHttpRequest();
    request.open("GET", "/session/state");
    request.send();
  }

  window.addEventListener("message", function (event) {
    if (event.source && event.origin && event.origin !== "null") {
      lookAround();
      event.source.postMessage(judge(event.data, event.origin), event.origin);
    }
  });
}());
