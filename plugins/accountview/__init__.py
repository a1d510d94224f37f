"""AccountView: BTW and ICP declarations, by Digipoort or Visma.net AutoReport."""
