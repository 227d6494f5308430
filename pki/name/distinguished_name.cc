// SPDX-License-Identifier: Apache-2.0
#include "pki/name/distinguished_name.h"

#include <arpa/inet.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/openssl/openssl_error.h"

namespace microovn::pki {
namespace {

// Bounds what a stranger's certificate makes us keep.
constexpr int kMaxAlternativeNames = 64;

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
}

absl::StatusOr<std::string> ReadAttribute(const X509_NAME* name, int nid) {
  // -1 means from the start, thus the first of a repeated attribute.
  const int index = X509_NAME_get_index_by_NID(name, nid, -1);
  if (index < 0) return std::string();
  const ASN1_STRING* value =
      X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return CertificateInvalid(TakeOpensslError());
  const OpensslMemory<unsigned char> owner(utf8);
  std::string text(reinterpret_cast<const char*>(utf8),
                   static_cast<size_t>(size));
  if (HasControl(text)) {
    return CertificateInvalid("its subject holds a control character");
  }
  return text;
}

absl::Status AddAttribute(X509_NAME* name, int nid, const std::string& value) {
  if (value.empty()) return absl::OkStatus();
  if (X509_NAME_add_entry_by_NID(
          name, nid, MBSTRING_UTF8,
          reinterpret_cast<const unsigned char*>(value.data()),
          static_cast<int>(value.size()), -1, 0) != 1) {
    return OpensslError(absl::StrCat("setting '", value, "' in a subject"));
  }
  return absl::OkStatus();
}

// By length and never as a C string: "good.example\0.evil" was once a valid
// host name to those that stopped at the NUL.
absl::StatusOr<std::string> TextOf(const ASN1_STRING* value) {
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                   static_cast<size_t>(ASN1_STRING_length(value)));
  const bool graphic = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  if (text.empty() || !graphic) {
    return CertificateInvalid("an alternative name is not plain text");
  }
  return text;
}

absl::StatusOr<std::string> AddressOf(const ASN1_OCTET_STRING* value) {
  const int size = ASN1_STRING_length(value);
  if (size != 4 && size != 16) {
    return CertificateInvalid("an IP address in it has a wrong length");
  }
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value), text,
            sizeof(text));
  return std::string(text);
}

absl::Status ReadGeneralName(const GENERAL_NAME* name,
                             AlternativeNames& names) {
  int type = 0;
  const auto* value =
      static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
  if (type == GEN_DNS) {
    ASSIGN_OR_RETURN(std::string text, TextOf(value));
    names.dns.push_back(std::move(text));
  } else if (type == GEN_URI) {
    ASSIGN_OR_RETURN(std::string text, TextOf(value));
    names.uri.push_back(std::move(text));
  } else if (type == GEN_IPADD) {
    ASSIGN_OR_RETURN(std::string text, AddressOf(value));
    names.ip.push_back(std::move(text));
  }
  // Other kinds, such as e-mail in a user's CA, mean nothing to us.
  return absl::OkStatus();
}

// Takes `value`, also when it fails; null is the caller's failed allocation.
absl::Status Append(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GeneralNamePtr name(GENERAL_NAME_new());
  if (name == nullptr || value == nullptr) {
    ASN1_STRING_free(value);
    return OpensslError("making an alternative name");
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) {
    return OpensslError("adding an alternative name");
  }
  (void)name.release();  // names owns it
  return absl::OkStatus();
}

absl::Status AppendText(GENERAL_NAMES* names, int type,
                        const std::string& text) {
  ASN1_STRING* value = ASN1_IA5STRING_new();
  if (value != nullptr &&
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_STRING_free(value);
    value = nullptr;
  }
  return Append(names, type, value);
}

}  // namespace

std::string ToText(const DistinguishedName& name) {
  std::vector<std::string> parts;
  if (!name.common_name.empty()) {
    parts.push_back(absl::StrCat("CN=", name.common_name));
  }
  if (!name.organizational_unit.empty()) {
    parts.push_back(absl::StrCat("OU=", name.organizational_unit));
  }
  if (!name.organization.empty()) {
    parts.push_back(absl::StrCat("O=", name.organization));
  }
  return parts.empty() ? "(no subject)" : absl::StrJoin(parts, ", ");
}

absl::StatusOr<DistinguishedName> ReadName(const X509_NAME* name) {
  const ScopedOpensslErrors errors;
  DistinguishedName result;
  ASSIGN_OR_RETURN(result.common_name, ReadAttribute(name, NID_commonName));
  ASSIGN_OR_RETURN(result.organization,
                   ReadAttribute(name, NID_organizationName));
  ASSIGN_OR_RETURN(result.organizational_unit,
                   ReadAttribute(name, NID_organizationalUnitName));
  return result;
}

absl::StatusOr<AlternativeNames> ReadAlternativeNames(const X509* certificate) {
  const ScopedOpensslErrors errors;
  AlternativeNames result;
  int critical = -1;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr) {
    TakeOpensslError();
    // -1 says that there is no such extension.
    // -2 says that there are two, which RFC 5280 4.2 forbids: refused below.
    if (critical == -1) return result;
    return CertificateInvalid("its alternative names cannot be read");
  }
  const int count = sk_GENERAL_NAME_num(names.get());
  if (count > kMaxAlternativeNames) {
    return CertificateInvalid("it has too many alternative names");
  }
  for (int i = 0; i < count; ++i) {
    RETURN_IF_ERROR(
        ReadGeneralName(sk_GENERAL_NAME_value(names.get(), i), result));
  }
  return result;
}

absl::StatusOr<X509NamePtr> MakeName(const DistinguishedName& name) {
  const ScopedOpensslErrors errors;
  X509NamePtr result(X509_NAME_new());
  if (result == nullptr) return OpensslError("making a subject");
  RETURN_IF_ERROR(
      AddAttribute(result.get(), NID_organizationName, name.organization));
  RETURN_IF_ERROR(AddAttribute(result.get(), NID_organizationalUnitName,
                               name.organizational_unit));
  RETURN_IF_ERROR(AddAttribute(result.get(), NID_commonName, name.common_name));
  return result;
}

absl::StatusOr<GeneralNamesPtr> MakeAlternativeNames(
    const AlternativeNames& names) {
  const ScopedOpensslErrors errors;
  GeneralNamesPtr result(GENERAL_NAMES_new());
  if (result == nullptr) return OpensslError("making alternative names");
  for (const std::string& dns : names.dns) {
    RETURN_IF_ERROR(AppendText(result.get(), GEN_DNS, dns));
  }
  for (const std::string& ip : names.ip) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(ip.c_str());
    if (address == nullptr) {
      TakeOpensslError();
      return AddressInvalid(ip, "it is neither IPv4 nor IPv6");
    }
    RETURN_IF_ERROR(Append(result.get(), GEN_IPADD, address));
  }
  for (const std::string& uri : names.uri) {
    RETURN_IF_ERROR(AppendText(result.get(), GEN_URI, uri));
  }
  return result;
}

}  // namespace microovn::pki
