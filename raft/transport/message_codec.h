// SPDX-License-Identifier: Apache-2.0
// Messages of the core <-> protobuf. Pure; whatever the bytes, decoding either
// gives a message that holds together or INVALID_ARGUMENT.
#ifndef MICROOVN_RAFT_TRANSPORT_MESSAGE_CODEC_H_
#define MICROOVN_RAFT_TRANSPORT_MESSAGE_CODEC_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/values/message.h"

namespace microovn::internal::raft::v1 {
class Message;
}  // namespace microovn::internal::raft::v1

namespace microovn::raft {

namespace proto = ::microovn::internal::raft::v1;

// What is encoded decodes to the same message. Fields that a later version adds
// are passed over; a body, kind or phase that it adds is an error, and the
// message as good as lost.
proto::Message EncodeMessage(const Message& message);
absl::StatusOr<Message> DecodeMessage(const proto::Message& message);

// 16 bytes, and back; none for an id that is not one. Big-endian, the high word
// first. All zeros are refused: "none" sends and receives nothing.
template <typename Id>
std::string EncodeId(Id id);
template <typename Id>
std::optional<Id> DecodeId(absl::string_view bytes);

extern template std::string EncodeId(MemberId);
extern template std::string EncodeId(ClusterId);
extern template std::optional<MemberId> DecodeId<MemberId>(absl::string_view);
extern template std::optional<ClusterId> DecodeId<ClusterId>(absl::string_view);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_MESSAGE_CODEC_H_
