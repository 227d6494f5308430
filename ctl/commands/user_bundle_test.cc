// SPDX-License-Identifier: Apache-2.0
// A user's key, and where it goes.
#include "ctl/commands/user_bundle.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <sstream>
#include <string>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "ctl/commands/user_key.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

UserBundle Bundle() {
  UserBundle bundle;
  bundle.certificate_pem = "certificate\n";
  bundle.key_pem = SecretString("key\n");
  bundle.ca_certificate_pem = "ca\n";
  return bundle;
}

mode_t ModeOf(const std::string& path) {
  struct stat facts = {};
  EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 0777;
}

TEST(UserBundle, ADirectoryGetsThreeFilesForItsOwnerAlone) {
  const TempDir directory;
  const std::string wanted = directory.File("alice/");
  const auto place = PlaceFor(wanted, true);
  ASSERT_OK(place);
  std::ostringstream out;
  const auto written = WriteBundle(*place, Bundle(), out);
  ASSERT_OK(written);
  EXPECT_EQ(written->size(), 3u);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(ModeOf(wanted), 0700u);
  for (const auto& [name, content] : {std::pair("cert.pem", "certificate\n"),
                                      {"key.pem", "key\n"},
                                      {"ca.pem", "ca\n"}}) {
    const std::string path = JoinPath(wanted, name);
    EXPECT_EQ(ModeOf(path), 0600u) << name;
    const auto read = ReadFile(path);
    ASSERT_OK(read);
    EXPECT_EQ(*read, content);
  }
  // Nobody's key is overwritten.
  EXPECT_THAT(PlaceFor(wanted, true), HasReason("USAGE"));
}

TEST(UserBundle, AFileHasAllThree) {
  const TempDir directory;
  const std::string path = directory.File("alice.pem");
  const auto place = PlaceFor(path, true);
  ASSERT_OK(place);
  std::ostringstream out;
  ASSERT_OK(WriteBundle(*place, Bundle(), out));
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(ModeOf(path), 0600u);
  EXPECT_EQ(*ReadFile(path), "certificate\nkey\nca\n");
  EXPECT_THAT(PlaceFor(path, true), HasReason("USAGE"));
}

TEST(UserBundle, AKeyIsPrintedOnlyForWhoAsksAndNeverOnATerminal) {
  EXPECT_THAT(PlaceFor("", false), HasReason("USAGE"));
  EXPECT_THAT(PlaceFor("-", true), HasReason("USAGE"));
  const auto place = PlaceFor("-", false);
  ASSERT_OK(place);
  std::ostringstream out;
  const auto written = WriteBundle(*place, Bundle(), out);
  ASSERT_OK(written);
  EXPECT_TRUE(written->empty());
  EXPECT_EQ(out.str(), "certificate\nkey\nca\n");
}

TEST(UserBundle, WhoHasMadeTheKeyGetsNone) {
  const TempDir directory;
  UserBundle bundle;
  bundle.certificate_pem = "certificate\n";
  bundle.ca_certificate_pem = "ca\n";
  std::ostringstream out;
  const auto written =
      WriteBundle(*PlaceFor(directory.File("bob/"), false), bundle, out);
  ASSERT_OK(written);
  EXPECT_EQ(written->size(), 2u);
  EXPECT_FALSE(FileExists(directory.File("bob/key.pem")));
}

TEST(UserKey, ARequestIsSignedByTheKeyThatStaysHere) {
  const auto made = MakeUserKey("alice");
  ASSERT_OK(made);
  BIO* bio = BIO_new_mem_buf(made->request_pem.data(),
                             static_cast<int>(made->request_pem.size()));
  X509_REQ* request = PEM_read_bio_X509_REQ(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  ASSERT_NE(request, nullptr);
  EVP_PKEY* key = X509_REQ_get0_pubkey(request);
  EXPECT_EQ(X509_REQ_verify(request, key), 1);
  EXPECT_EQ(EVP_PKEY_get_base_id(key), EVP_PKEY_EC);
  const std::string secret(made->key_pem.Reveal());
  bio = BIO_new_mem_buf(secret.data(), static_cast<int>(secret.size()));
  EVP_PKEY* whole = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(whole, key), 1);
  EXPECT_EQ(made->request_pem.find("PRIVATE"), std::string::npos);
  EVP_PKEY_free(whole);
  X509_REQ_free(request);
  EXPECT_NE(MakeUserKey("alice")->request_pem, made->request_pem);
}

}  // namespace
}  // namespace microovn::ctl
