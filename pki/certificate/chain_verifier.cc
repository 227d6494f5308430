// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/chain_verifier.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

// 112 bits of security and no SHA-1: what Debian's TLS asks for as well.
constexpr int kSecurityLevel = 2;
// CAs between leaf and anchor; the work for a hostile chain grows with it.
constexpr int kMaxDepth = 8;

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

absl::StatusOr<X509StorePtr> MakeStore(const TrustBundle& anchors) {
  X509StorePtr store(X509_STORE_new());
  if (store == nullptr) return OpensslError("making a certificate store");
  for (const Certificate& anchor : anchors.certificates()) {
    if (X509_STORE_add_cert(store.get(), anchor.x509()) != 1) {
      return OpensslError("adding a trust anchor");
    }
  }
  return store;
}

absl::StatusOr<X509StackPtr> MakeStack(
    const std::vector<Certificate>& certificates) {
  X509StackPtr stack(sk_X509_new_null());
  if (stack == nullptr) return OpensslError("making a stack");
  for (const Certificate& certificate : certificates) {
    if (X509_add_cert(stack.get(), certificate.x509(), X509_ADD_FLAG_UP_REF) !=
        1) {
      return OpensslError("adding an intermediate certificate");
    }
  }
  return stack;
}

int PurposeId(Purpose purpose) {
  switch (purpose) {
    case Purpose::kTlsServer:
      return X509_PURPOSE_SSL_SERVER;
    case Purpose::kTlsClient:
      return X509_PURPOSE_SSL_CLIENT;
    case Purpose::kAny:
      break;
  }
  return X509_PURPOSE_ANY;
}

absl::Status SetParameters(X509_STORE_CTX* context, const ChainQuery& query) {
  // No X509_V_FLAG_PARTIAL_CHAIN: an intermediate in the bundle would then be
  // an anchor here, and not for ovsdb-server, which knows no such flag.
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(query.at));
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(parameters, kMaxDepth);
  if (X509_VERIFY_PARAM_set_purpose(parameters, PurposeId(query.purpose)) !=
      1) {
    return OpensslError("setting a purpose");
  }
  if (query.name.empty()) return absl::OkStatus();
  // A subject's commonName is no name to match.
  // RFC 6125 6.4.4 allows it only where there are no alternative names.
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool is_ip = ParseIpAddress(query.name).ok();
  const int set =
      is_ip ? X509_VERIFY_PARAM_set1_ip_asc(parameters, query.name.c_str())
            : X509_VERIFY_PARAM_set1_host(parameters, query.name.data(),
                                          query.name.size());
  if (set != 1) return OpensslError("setting a name to match");
  return absl::OkStatus();
}

// In words of an operator's world. OpenSSL's own, such as "unable to get local
// issuer certificate", do not say which certificate lacks what.
std::string Why(int error, const Certificate& link, const ChainQuery& query) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return absl::StrCat("it expired at ", TimeText(link.not_after()));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return absl::StrCat("it is valid only from ", TimeText(link.not_before()),
                          " and the clock says ", TimeText(query.at));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return absl::StrCat("its issuer ", ToText(link.issuer()),
                          " is not trusted here");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "it is self-signed and not trusted here";
    case X509_V_ERR_INVALID_PURPOSE:
      return query.purpose == Purpose::kTlsServer
                 ? "it may not be used by a TLS server"
                 : "it may not be used by a TLS client";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return absl::StrCat("it does not name ", query.name);
    default:
      return X509_verify_cert_error_string(error);
  }
}

absl::Status Explain(X509_STORE_CTX* context, const ChainQuery& query) {
  const int error = X509_STORE_CTX_get_error(context);
  // X509_STORE_CTX_get_current_cert(3): may be null.
  X509* current = X509_STORE_CTX_get_current_cert(context);
  Certificate link = query.leaf;
  if (current != nullptr) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(current, &der);
    const OpensslMemory<unsigned char> owner(der);
    if (size <= 0) return OpensslError("encoding a certificate");
    ASSIGN_OR_RETURN(link, Certificate::FromDer(absl::string_view(
                               reinterpret_cast<const char*>(der),
                               static_cast<size_t>(size))));
  }
  const std::string why = Why(error, link, query);
  if (link == query.leaf) {
    return CertificateRefused(ToText(link.subject()), why);
  }
  return CertificateRefused(
      ToText(query.leaf.subject()),
      absl::StrCat("of ", ToText(link.subject()), " above it, ", why));
}

}  // namespace

absl::Status VerifyChain(const TrustBundle& anchors, const ChainQuery& query) {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const X509StorePtr store, MakeStore(anchors));
  ASSIGN_OR_RETURN(const X509StackPtr intermediates,
                   MakeStack(query.intermediates));
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), query.leaf.x509(),
                          intermediates.get()) != 1) {
    return OpensslError("starting to verify a certificate");
  }
  RETURN_IF_ERROR(SetParameters(context.get(), query));
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  // The cause is in the context; what the error queue holds beside is dropped.
  absl::Status status = Explain(context.get(), query);
  TakeOpensslError();
  return status;
}

bool IsOf(const TrustBundle& anchors, const Certificate& leaf) {
  // No leaf of ours outlives its CA. It may be older: by the clock of another
  // leader than the one that made the CA.
  return VerifyChain(anchors, {leaf,
                               {},
                               Purpose::kAny,
                               leaf.not_after() - absl::Seconds(1),
                               /*name=*/""})
      .ok();
}

absl::Time WithinLife(const Certificate& certificate, absl::Time now) {
  return std::max(certificate.not_before(),
                  std::min(now, certificate.not_after() - absl::Seconds(1)));
}

}  // namespace microovn::pki
