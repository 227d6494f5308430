// SPDX-License-Identifier: Apache-2.0
#include "agent/state/testing/log_writer.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"

namespace microovn::agent {

void AsRecorded(statepb::Authority& authority) {
  authority.set_certificate_pem(kRecordedPem);
  authority.set_bundle_pem(kRecordedPem);
}

namespace {

using statepb::Command;

void ShowAsRecorded(statepb::Member& member) {
  member.set_certificate_pem(kRecordedPem);
  member.set_sealing_certificate_pem(kRecordedPem);
  member.set_spki_sha256(0, TestDigest(member.name()));
}

// Before anybody looked at signatures and into certificates.
void WriteAsRecorded(Command& command) {
  if (command.has_create_token()) {
    command.mutable_create_token()->mutable_token()->set_public_key(
        std::string(32, 'k'));
  } else if (command.has_admit_member()) {
    command.mutable_admit_member()->set_signature(std::string(64, 's'));
    ShowAsRecorded(*command.mutable_admit_member()->mutable_member());
  } else if (command.has_bootstrap()) {
    statepb::Bootstrap& body = *command.mutable_bootstrap();
    ShowAsRecorded(*body.mutable_member());
    for (auto& authority : *body.mutable_authorities()) AsRecorded(authority);
  }
}

std::vector<FeatureLevels*> Announcements(Command& command) {
  std::vector<FeatureLevels*> found;
  if (command.has_bootstrap()) {
    found.push_back(
        command.mutable_bootstrap()->mutable_member()->mutable_features());
  } else if (command.has_admit_member()) {
    found.push_back(
        command.mutable_admit_member()->mutable_member()->mutable_features());
  } else if (command.has_report_member()) {
    found.push_back(command.mutable_report_member()->mutable_features());
  }
  return found;
}

void Keep(const std::map<std::string, uint32_t>& levels,
          FeatureLevels& announced) {
  FeatureLevels kept;
  for (const statepb::FeatureLevel& feature : announced) {
    const auto known = levels.find(feature.name());
    if (known == levels.end()) continue;
    *kept.Add() = feature;
    kept.rbegin()->set_level(std::min(feature.level(), known->second));
  }
  announced = kept;
}

}  // namespace

std::string Replay::Apply(const std::string& bytes) {
  index_ = index_.Next();
  const auto applied = machine_.Apply(index_, bytes);
  machine_.Publish(index_);
  hash_ = raft::FoldApplied(hash_, index_, applied.mutations, applied.outcome);
  outcomes_.insert(applied.outcome);
  return absl::BytesToHexString(hash_);
}

void LogWriter::AddBytes(const std::string& bytes) {
  commands_.push_back(bytes);
  replay_.Apply(bytes);
}

void LogWriter::Add(Command command) {
  now_ += kBetween;
  for (FeatureLevels* announced : Announcements(command)) {
    Keep(known_, *announced);
  }
  if (!form_.has_value()) {
    WriteAsRecorded(command);
  } else if (command.has_admit_member()) {
    statepb::AdmitMember& body = *command.mutable_admit_member();
    SignAdmission(body, body.member().name(), TestId("cluster"), *form_);
  }
  command.set_time_seconds(kTestTime + now_);
  command.set_clock_seconds(now_);
  AddBytes(command.SerializeAsString());
}

void LogWriter::AddAsRequest(Command command, const std::string& id) {
  command.set_request_id(id);
  command.set_request_digest("digest");
  Add(command);
  Add(command);
  command.set_request_digest("another");
  Add(command);
}

void LogWriter::Learn(const std::set<std::string>& features, uint32_t level) {
  for (const std::string& feature : features) known_[feature] = level;
  const ClusterState before = replay_.state();
  for (const auto& [id, member] : before.members.records()) {
    Command report = ReportCommand(replay_.state(), member->name(), false);
    *report.mutable_report_member()->mutable_features() = AnnouncedFeatures();
    Add(report);
  }
}

}  // namespace microovn::agent
