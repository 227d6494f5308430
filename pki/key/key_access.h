// SPDX-License-Identifier: Apache-2.0
// What a caller must show to read a private key.
//
// It proves nothing at run time; it makes each place that takes key bytes out
// of a PrivateKey, or puts them in, name itself: grep for "KeyAccess::".
#ifndef MICROOVN_PKI_KEY_KEY_ACCESS_H_
#define MICROOVN_PKI_KEY_KEY_ACCESS_H_

namespace microovn::pki {

// Empty, so passing it costs nothing. Whoever adds a use of Granted() says in
// review why these bytes leave OpenSSL's memory.
class KeyAccess {
 public:
  static KeyAccess Granted() { return KeyAccess(); }

 private:
  KeyAccess() = default;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_KEY_KEY_ACCESS_H_
