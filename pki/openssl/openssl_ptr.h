// SPDX-License-Identifier: Apache-2.0
// Owning pointers for OpenSSL's objects.
//
// For the .cc files of this folder. Thread rule: that of the object held.
// The deleter is part of the type, so a pointer is as large as a bare one and
// cannot be freed by the wrong function.
#ifndef MICROOVN_PKI_OPENSSL_OPENSSL_PTR_H_
#define MICROOVN_PKI_OPENSSL_OPENSSL_PTR_H_

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace microovn::pki {

template <auto kFree>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

template <typename T, auto kFree>
using OpensslPtr = std::unique_ptr<T, OpensslDeleter<kFree>>;

using BignumPtr = OpensslPtr<BIGNUM, BN_free>;
// BIO_free_all: chains such as base64 over a file are freed whole.
using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using EvpMdCtxPtr = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using EvpPkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using GeneralNamePtr = OpensslPtr<GENERAL_NAME, GENERAL_NAME_free>;
using GeneralNamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;
using X509ExtensionPtr = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;
using X509NamePtr = OpensslPtr<X509_NAME, X509_NAME_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using X509ReqPtr = OpensslPtr<X509_REQ, X509_REQ_free>;
using X509StoreCtxPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
using X509StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;

// Memory that OpenSSL allocated and hands over, such as a string.
struct OpensslMemoryDeleter {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};
template <typename T>
using OpensslMemory = std::unique_ptr<T, OpensslMemoryDeleter>;

// A stack that owns a reference to each of its certificates.
struct X509StackDeleter {
  void operator()(STACK_OF(X509) * stack) const {
    sk_X509_pop_free(stack, X509_free);
  }
};
using X509StackPtr = std::unique_ptr<STACK_OF(X509), X509StackDeleter>;

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_OPENSSL_OPENSSL_PTR_H_
