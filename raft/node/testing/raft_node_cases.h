// SPDX-License-Identifier: Apache-2.0
// What a node promises over any network. Each test program instantiates
// RaftNodeTest for its own.
#ifndef MICROOVN_RAFT_NODE_TESTING_RAFT_NODE_CASES_H_
#define MICROOVN_RAFT_NODE_TESTING_RAFT_NODE_CASES_H_

#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "raft/node/testing/testing_cluster.h"

namespace microovn::raft {

using MakeNetwork = std::function<std::unique_ptr<TestingNetwork>()>;

class RaftNodeTest : public testing::TestWithParam<MakeNetwork> {
 protected:
  RaftNodeTest() : network_(GetParam()()), cluster_(network_.get()) {}

  void Put(size_t number, const std::string& key, const std::string& value);

  const std::unique_ptr<TestingNetwork> network_;
  TestingCluster cluster_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_TESTING_RAFT_NODE_CASES_H_
