// SPDX-License-Identifier: Apache-2.0
// What a member with a mind of its own would send to the leader's log: a
// command of each kind that there is, with its certificate and key, each about
// another member. Prints a table row for each: kind, about whom, the answer.
//
//   propose_all --cacert F --cert F --key F TARGET CLUSTER SELF TARGET_ID OTHER
//
// TARGET is HOST:PORT; the rest are ids as identity.json has them. Of its own
// it sends a confirmation, which is no lie, as the proof that the way is open.
// Exit status: 0 when the leader was asked, 3 when TARGET does not lead.
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::integration {
namespace {

namespace raftpb = ::microovn::internal::raft::v1;
namespace statepb = ::microovn::internal::state::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using statepb::Command;

struct Attack {
  std::string cacert, cert, key;
  std::string target, cluster, self, leader, other;
};

// Every string that could name a member names `id`, one level down as well.
void Name(Message& message, const std::string& id, int depth) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->name() == "member_id" && !field->is_repeated()) {
      reflection->SetString(&message, field, id);
    }
    if (depth > 0 && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        !field->is_repeated()) {
      Name(*reflection->MutableMessage(&message, field), id, depth - 1);
    }
  }
}

// What would take effect if it were let in.
void Arm(Command& command) {
  switch (command.body_case()) {
    case Command::kSetConfig:
      command.mutable_set_config()->set_key("cluster.voters");
      command.mutable_set_config()->set_value("5");
      break;
    case Command::kDeleteConfig:
      command.mutable_delete_config()->set_key("cluster.voter-timeout");
      break;
    case Command::kCreateToken: {
      statepb::JoinToken* token =
          command.mutable_create_token()->mutable_token();
      token->set_token_id(std::string(32, 'a'));
      token->set_member_name("mallory");
      token->set_public_key(std::string(32, 'k'));
      token->set_life_seconds(3600);
      break;
    }
    case Command::kStartOperation: {
      statepb::Operation* operation =
          command.mutable_start_operation()->mutable_operation();
      operation->set_operation_id(std::string(32, 'b'));
      operation->set_kind(statepb::Operation::KIND_REMOVE_MEMBER);
      operation->set_member_name("node2");
      operation->set_force(true);
      break;
    }
    case Command::kSetMemberServices:
      command.mutable_set_member_services()->add_services(
          statepb::SERVICE_CHASSIS);
      break;
    case Command::kRenewMember:
      command.mutable_renew_member()->clear_certificate();
      command.mutable_renew_member()->set_certificate_pem(
          "-----BEGIN CERTIFICATE-----\n");
      command.mutable_renew_member()->add_spki_sha256(std::string(64, 'c'));
      break;
    case Command::kSetSealingCertificate:
      command.mutable_set_sealing_certificate()->set_sealing_certificate_pem(
          "-----BEGIN CERTIFICATE-----\n");
      break;
    case Command::kRecordRecovery:
      command.mutable_record_recovery()->set_action("end-quarantine");
      break;
    default:
      break;
  }
}

std::string Bytes(const std::string& hex) {
  return absl::HexStringToBytes(hex);
}

class Liar {
 public:
  explicit Liar(const Attack& attack) : attack_(attack) {}

  absl::Status Connect() {
    grpc::SslCredentialsOptions tls;
    for (const auto& [path, into] :
         {std::pair(attack_.cacert, &tls.pem_root_certs),
          std::pair(attack_.cert, &tls.pem_cert_chain),
          std::pair(attack_.key, &tls.pem_private_key)}) {
      auto text = ReadFile(path);
      if (!text.ok()) return text.status();
      *into = *std::move(text);
    }
    stub_ = raftpb::RaftService::NewStub(
        grpc::CreateChannel(attack_.target, grpc::SslCredentials(tls)));
    return absl::OkStatus();
  }

  absl::Status Propose(const Command& command) {
    raftpb::ProposeRequest request;
    request.set_cluster_id(Bytes(attack_.cluster));
    request.set_from(Bytes(attack_.self));
    request.set_to(Bytes(attack_.leader));
    request.set_command(command.SerializeAsString());
    grpc::ClientContext context;
    context.AddMetadata("microovn-raft-protocols", "1-1");
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(10));
    raftpb::ProposeResponse response;
    return FromGrpcStatus(stub_->Propose(&context, request, &response));
  }

 private:
  const Attack attack_;
  std::unique_ptr<raftpb::RaftService::Stub> stub_;
};

void Row(absl::string_view kind, absl::string_view about,
         const absl::Status& answer) {
  const std::string reason = ReasonOf(answer);
  std::cout << kind << "\t" << about << "\t"
            << (answer.ok() ? "OK" : absl::StatusCodeToString(answer.code()))
            << "\t" << (reason.empty() ? "-" : reason) << "\n";
}

int Run(const Attack& attack) {
  Liar liar(attack);
  const absl::Status connected = liar.Connect();
  if (!connected.ok()) {
    std::cerr << connected << "\n";
    return 1;
  }
  Command own;
  own.set_format(1);
  own.mutable_confirm_member()->set_member_id(attack.self);
  const absl::Status answered = liar.Propose(own);
  if (ReasonOf(answered) == "NO_LEADER") return 3;
  Row("confirm_member", "itself", answered);
  const auto* body = Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    const FieldDescriptor* kind = body->field(i);
    Command command;
    command.set_format(1);
    Name(*command.GetReflection()->MutableMessage(&command, kind), attack.other,
         1);
    Arm(command);
    Row(kind->name(), "another", liar.Propose(command));
  }
  return 0;
}

int Usage() {
  std::cerr << "usage: propose_all --cacert F --cert F --key F TARGET CLUSTER "
               "SELF TARGET_ID OTHER\n";
  return 2;
}

}  // namespace
}  // namespace microovn::integration

int main(int argc, char** argv) {
  using microovn::integration::Attack;
  Attack attack;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::string* const file = word == "--cacert" ? &attack.cacert
                              : word == "--cert" ? &attack.cert
                              : word == "--key"  ? &attack.key
                                                 : nullptr;
    if (file == nullptr) {
      words.push_back(word);
    } else if (++i < argc) {
      *file = argv[i];
    }
  }
  if (words.size() != 5) return microovn::integration::Usage();
  attack.target = words[0];
  attack.cluster = words[1];
  attack.self = words[2];
  attack.leader = words[3];
  attack.other = words[4];
  return microovn::integration::Run(attack);
}
