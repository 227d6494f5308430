// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/certificate_list.h"

#include "absl/strings/str_cat.h"
#include "ctl/render/words.h"
#include "nlohmann/json.hpp"

namespace microovn::ctl {
namespace {

struct Section {
  const char* service;
  const char* title;
};

constexpr Section kSections[] = {
    {"ca", "OVN CA"},
    {"ovnnb", "OVN Northbound Database"},
    {"ovnsb", "OVN Southbound Database"},
    {"ovn-northd", "OVN Northd Service"},
    {"ovn-controller", "OVN Chassis Service"},
    {"client", "Client"},
};

const v1::Certificate* Find(const v1::ListCertificatesResponse& certificates,
                            absl::string_view service) {
  for (const v1::Certificate& certificate : certificates.certificates()) {
    if (certificate.service() == service) return &certificate;
  }
  return nullptr;
}

std::string FileLine(const std::string& path,
                     v1::Certificate::FileState state) {
  return absl::StrCat(Printable(path),
                      state == v1::Certificate::FILE_STATE_PRESENT
                          ? " (OK: Present)"
                          : " (Error: Missing file)",
                      "\n");
}

std::string Expiry(const v1::Certificate& certificate) {
  return certificate.has_expire_time()
             ? Rfc3339(ToTime(certificate.expire_time()))
             : "";
}

std::string SectionText(const v1::Certificate* certificate, bool ca) {
  if (certificate == nullptr) return ca ? "Error: missing\n" : "Not present.\n";
  std::string text = FileLine(certificate->certificate_path(),
                              certificate->certificate_state());
  if (!ca) {
    absl::StrAppend(
        &text, FileLine(certificate->key_path(), certificate->key_state()));
  }
  if (certificate->has_expire_time()) {
    absl::StrAppend(&text, "expiration date: ", Expiry(*certificate), "\n");
  }
  if (ca) {
    absl::StrAppend(&text, "Auto-renew: ",
                    certificate->auto_renew() ? "true" : "false", "\n");
  }
  return text;
}

nlohmann::ordered_json SectionJson(const v1::Certificate* certificate,
                                   bool ca) {
  if (certificate == nullptr) return nullptr;
  nlohmann::ordered_json object;
  object["cert"] = certificate->certificate_path();
  if (ca) {
    object["auto_renew"] = certificate->auto_renew();
  } else {
    object["key"] = certificate->key_path();
  }
  object["expiration_date"] = Expiry(*certificate);
  return object;
}

void AppendLine(absl::string_view name, absl::string_view value,
                std::string& text) {
  if (value.empty()) return;
  absl::StrAppend(&text, name, ": ", Printable(value), "\n");
}

void AppendDetails(const v1::Certificate& certificate, bool ca,
                   std::string& text) {
  AppendLine("subject", certificate.subject(), text);
  AppendLine("serial", certificate.serial(), text);
  AppendLine("fingerprint", certificate.fingerprint(), text);
  for (const v1::ChainLink& link : certificate.chain()) {
    AppendLine(ca ? "also trusted" : "issued by",
               absl::StrCat(link.subject(), ", until ",
                            Rfc3339(ToTime(link.expire_time())), ", ",
                            link.fingerprint()),
               text);
  }
  AppendLine("served", certificate.served_fingerprint(), text);
  AppendLine("not served", certificate.served_problem(), text);
  AppendLine("problem", certificate.problem(), text);
}

bool IsCa(const Section& section) {
  return absl::string_view(section.service) == "ca";
}

}  // namespace

std::string CertificateText(const v1::ListCertificatesResponse& certificates) {
  std::string text;
  for (const Section& section : kSections) {
    absl::StrAppend(
        &text, text.empty() ? "" : "\n", "[", section.title, "]\n",
        SectionText(Find(certificates, section.service), IsCa(section)));
  }
  return text;
}

std::string CertificateDetails(
    const v1::ListCertificatesResponse& certificates) {
  std::string text;
  for (const Section& section : kSections) {
    const v1::Certificate* certificate = Find(certificates, section.service);
    absl::StrAppend(&text, text.empty() ? "" : "\n", "[", section.title, "]\n",
                    SectionText(certificate, IsCa(section)));
    if (certificate != nullptr)
      AppendDetails(*certificate, IsCa(section), text);
  }
  if (!certificates.custody().empty()) {
    absl::StrAppend(&text, "\nThe sealing key is kept by: ",
                    Printable(certificates.custody()), "\n");
  }
  return text;
}

std::string CertificateJson(const v1::ListCertificatesResponse& certificates) {
  nlohmann::ordered_json object;
  for (const Section& section : kSections) {
    object[section.service] =
        SectionJson(Find(certificates, section.service), IsCa(section));
  }
  return object.dump(-1, ' ', false,
                     nlohmann::ordered_json::error_handler_t::replace);
}

Table CertificateTable(const v1::ListCertificatesResponse& certificates,
                       absl::Time now) {
  Table table{{"CERTIFICATE", "SUBJECT", "EXPIRES", "LEFT", "STATE"}, {}};
  table.dispensable = {1, 2};
  for (const Section& section : kSections) {
    const v1::Certificate* certificate = Find(certificates, section.service);
    if (certificate == nullptr) continue;
    const absl::Time expiry = ToTime(certificate->expire_time());
    const std::string left =
        !certificate->has_expire_time() ? "?"
        : expiry <= now
            ? "expired"
            : absl::StrCat(absl::ToInt64Hours(expiry - now) / 24, " d");
    std::string state = "OK";
    if (certificate->certificate_state() !=
        v1::Certificate::FILE_STATE_PRESENT) {
      state = "certificate file is missing";
    } else if (!IsCa(section) && certificate->key_state() !=
                                     v1::Certificate::FILE_STATE_PRESENT) {
      state = "key file is missing";
    } else if (!certificate->verified()) {
      state = Printable(certificate->problem());
    } else if (!certificate->served_problem().empty()) {
      state = Printable(certificate->served_problem());
    }
    table.rows.push_back({section.service, Printable(certificate->subject()),
                          Expiry(*certificate), left, state});
  }
  return table;
}

}  // namespace microovn::ctl
