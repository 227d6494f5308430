// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::JoinToken;
using statepb::Result;

constexpr size_t kPublicKeyBytes = 32;  // Ed25519

std::string TokenResource(const JoinToken& token) {
  return absl::StrCat("joinTokens/", token.token_id());
}

Arguments Of(const JoinToken& token) {
  return {{"member", token.member_name()}};
}

Arguments MadeOf(const ClusterState& state, const JoinToken& token) {
  Arguments arguments = Of(token);
  if (AdmitsWorker(state, token)) arguments.emplace_back("worker", "yes");
  return arguments;
}

// A token that a joining member came with may have to be given back.
bool HeldByJoiner(const ClusterState& state, const std::string& token_id) {
  for (const auto& [id, member] : state.members.records()) {
    if (member->state() == statepb::Member::STATE_JOINING &&
        member->token_id() == token_id) {
      return true;
    }
  }
  return false;
}

// Tokens that make room for a new one of `name`: those past their time, and
// its predecessor.
void DropOldTokens(ApplyContext& context, absl::string_view name) {
  std::vector<const JoinToken*> expired;
  std::vector<JoinToken> replaced;
  ClusterState& state = context.state();
  for (const auto& [id, token] : state.tokens.records()) {
    if (HeldByJoiner(state, id)) continue;
    if (token->expire_clock_seconds() <= context.clock()) {
      expired.push_back(token.get());
    } else if (token->member_name() == name) {
      replaced.push_back(*token);
    }
  }
  std::vector<std::string> ids;
  for (const JoinToken* token : expired) ids.push_back(token->token_id());
  for (const std::string& id : ids) state.tokens.Erase(id);
  for (const JoinToken& token : replaced) {
    state.tokens.Erase(token.token_id());
    if (token.state() == JoinToken::STATE_USED) continue;
    context.Record("TOKEN_REPLACED", TokenResource(token), Of(token));
  }
}

absl::Status CheckToken(const ClusterState& state, int64_t clock,
                        const JoinToken& token) {
  RETURN_IF_ERROR(CheckId("token-id", token.token_id()));
  RETURN_IF_ERROR(CheckName(token.member_name()));
  if (token.public_key().size() != kPublicKeyBytes) {
    return CommandMalformed("not-ed25519", "public-key");
  }
  if (state.tokens.Find(token.token_id()) != nullptr) {
    return CommandMalformed("in-use", "token-id");
  }
  if (token.life_seconds() <= 0 ||
      token.life_seconds() > kMaxTokenLifeSeconds) {
    return TokenLifetimeInvalid(absl::Seconds(kMaxTokenLifeSeconds));
  }
  if (FindMember(state, token.member_name()) != nullptr) {
    return MemberNameTaken(token.member_name());
  }
  size_t live = 0;
  for (const auto& [id, other] : state.tokens.records()) {
    const bool lives = other->expire_clock_seconds() > clock;
    live += lives || HeldByJoiner(state, id) ? 1 : 0;
  }
  if (live >= kMaxTokens) return TooManyTokens(kMaxTokens);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JoinToken> UsableToken(const ClusterState& state, int64_t clock,
                                      absl::string_view token_id,
                                      absl::string_view name) {
  const JoinToken* token = state.tokens.Find(token_id);
  if (token == nullptr) return TokenUnknown();
  if (token->member_name() != name) {
    return TokenForOtherMember(token->member_name(), name);
  }
  if (token->state() == JoinToken::STATE_LOCKED) return TokenLocked(name);
  if (token->state() != JoinToken::STATE_ACTIVE) return TokenUsed(name);
  if (token->expire_clock_seconds() <= clock) {
    return TokenExpiredAt(name, absl::FromUnixSeconds(token->expire_seconds()));
  }
  return *token;
}

Applied ApplyCreateToken(ApplyContext& context,
                         const statepb::CreateToken& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(CheckToken(state, context.clock(), body.token()));
  DropOldTokens(context, body.token().member_name());
  JoinToken token = body.token();
  token.set_created_seconds(context.now());
  token.set_expire_seconds(context.now() + token.life_seconds());
  token.set_expire_clock_seconds(context.clock() + token.life_seconds());
  token.set_failed_attempts(0);
  token.set_state(JoinToken::STATE_ACTIVE);
  state.tokens.Put(token.token_id(), token);
  context.Record("TOKEN_CREATED", TokenResource(token), MadeOf(state, token));
  Result result;
  *result.mutable_token() = std::move(token);
  return result;
}

Applied ApplyDeleteToken(ApplyContext& context,
                         const statepb::DeleteToken& body) {
  ClusterState& state = context.state();
  const JoinToken* known = state.tokens.Find(body.token_id());
  if (known == nullptr) return TokenUnknown();
  const JoinToken token = *known;
  if (token.state() == JoinToken::STATE_USED) {
    return TokenUsed(token.member_name());
  }
  state.tokens.Erase(token.token_id());
  context.Record("TOKEN_REVOKED", TokenResource(token), Of(token));
  Result result;
  *result.mutable_token() = token;
  return result;
}

Applied ApplyTokenFailure(ApplyContext& context,
                          const statepb::CountTokenFailure& body) {
  ClusterState& state = context.state();
  const JoinToken* known = state.tokens.Find(body.token_id());
  if (known == nullptr) return TokenUnknown();
  JoinToken token = *known;
  Result result;
  if (token.state() == JoinToken::STATE_ACTIVE) {
    token.set_failed_attempts(token.failed_attempts() + 1);
    const bool locks = token.failed_attempts() >= kMaxTokenFailures;
    if (locks) token.set_state(JoinToken::STATE_LOCKED);
    state.tokens.Put(token.token_id(), token);
    if (locks) {
      context.Record("TOKEN_LOCKED", TokenResource(token),
                     {{"member", token.member_name()},
                      {"attempts", absl::StrCat(kMaxTokenFailures)}});
    }
  }
  *result.mutable_token() = std::move(token);
  return result;
}

}  // namespace microovn::agent
